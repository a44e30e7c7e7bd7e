# SPDX-License-Identifier: Apache-2.0
"""The parts of Kubernetes that only masters run, their keys, and how they are members of etcd."""

from __future__ import annotations

import json

from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos import addresses, authentication, cloud_provider, labels, node_files, pod_network
from magnum_lite.drivers.k8s_fcos.certificates import ETCD, authority_paths
from magnum_lite.drivers.k8s_fcos.components import LOCAL, Part, container
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import DocumentNotReady
from magnum_lite.model.states import Status
from magnum_lite.nodeconf import File, Membership

BEING_MADE = (Status.CREATE_IN_PROGRESS, Status.CREATE_FAILED)


def parts(place: Place) -> tuple[Part, ...]:
    """Give the control plane's parts in the order in which they start."""
    cluster, values, own = place.cluster, place.values, addresses.own(place.node)
    services = values[labels.SERVICE_CLUSTER_IP_RANGE]
    webhook = authentication.token_webhook(place)
    return (
        container(place, "etcd", {"NAME": place.node.name, "ADDRESS": own, "CLUSTER": cluster.uuid}),
        container(
            place,
            "kube-apiserver",
            {"ADDRESS": own, "SERVICES": services, "TOKEN_WEBHOOK": webhook.flags if webhook else ""},
            *authentication.files(place),
        ),
        container(
            place,
            "kube-controller-manager",
            {
                "CLUSTER": cluster.uuid,
                "SERVICES": services,
                "PODS": pod_network.pods(place.setup),
                "ALLOCATE_NODE_CIDRS": "true" if pod_network.allocates_node_cidrs(place.setup) else "false",
                "NODE_PREFIX": str(pod_network.node_prefix(place.setup)),
                "CLOUD_PROVIDER": cloud_provider.name(place),
            },
            node_files.kubeconfig("controller-manager", LOCAL),
        ),
        container(place, "kube-scheduler", {}, node_files.kubeconfig("scheduler", LOCAL)),
    )


def keys(secrets: NodeSecrets) -> tuple[File, ...]:
    """Give the keys that only masters hold; raise ``DocumentNotReady`` before they are made."""
    if secrets.service_account_key is None or secrets.encryption_key is None:
        raise DocumentNotReady("the keys of the control plane have not been made yet")
    encryption = node_files.skeleton("encryption")
    key = {"secretbox": {"keys": [{"name": "first", "secret": secrets.encryption_key}]}}
    encryption["resources"][0]["providers"].insert(0, key)
    return (
        File(f"{node_files.PKI}/service-account.key", secrets.service_account_key, node_files.SECRET),
        File("/etc/kubernetes/apiserver/encryption.json", json.dumps(encryption), node_files.SECRET),
    )


def membership(place: Place) -> Membership:
    """Give how a master is a member of etcd; raise ``DocumentNotReady`` before all masters have addresses."""
    masters, name = addresses.masters(place.cluster), place.node.name
    return Membership(
        unit="etcd.service",
        name=name,
        members={one: f"https://{address}:2380" for one, address in masters.items()},
        clients={one: f"https://{address}:2379" for one, address in masters.items() if one != name},
        data="/var/lib/etcd/data",
        certificate=f"{node_files.PKI}/etcd",
        authority=authority_paths(place.node)[ETCD],
        environment="/etc/magnum-lite/env/etcd-membership",
        may_begin=place.cluster.status in BEING_MADE,
        mount="/var/lib/etcd" if place.values[labels.ETCD_VOLUME_SIZE] else None,
    )
