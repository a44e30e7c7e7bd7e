# SPDX-License-Identifier: Apache-2.0
"""How addons are told to reach the cloud: the files that cloud-provider-openstack and the autoscaler read."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping

from magnum_lite.drivers.base import CloudAccess, NodeSecrets
from magnum_lite.drivers.k8s_fcos import labels
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import ConfigurationError, DocumentNotReady

FOLDER = "/etc/cloud"
FILE = "cloud.conf"
CA = "ca.crt"
CA_FILE = f"{FOLDER}/{CA}"

NEED_ESCAPE = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

Value = str | int | bool


def access(place: Place, secrets: NodeSecrets) -> CloudAccess:
    """Give how the cluster reaches its cloud; raise ``DocumentNotReady`` before that is known."""
    if secrets.cloud is None:
        raise DocumentNotReady(f"how cluster {place.cluster.name} reaches the cloud is not known yet")
    return secrets.cloud


def shared(place: Place, secrets: NodeSecrets) -> dict[str, str]:
    """Give the data of the one Secret that the cloud controller and Cinder's driver read."""
    cloud = access(place, secrets)
    sections: dict[str, Mapping[str, Value]] = {
        "Global": login(cloud),
        "LoadBalancer": _load_balancer(place, secrets),
        "BlockStorage": {"rescan-on-resize": True},
    }
    return data({FILE: render(sections)}, cloud)


def digest(files: Mapping[str, str]) -> str:
    """Give what changes with any of the files: a pod that carries it is replaced when they change."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:32]


def login(cloud: CloudAccess) -> dict[str, str]:
    """Give the section ``[Global]``; a trust says by itself which project it is about."""
    return _login(cloud, project="tenant-id")


def openstack(cloud: CloudAccess) -> dict[str, str]:
    """Give the part ``openstack`` of a file that is JSON."""
    return _login(cloud, project="project-id")


def _login(cloud: CloudAccess, *, project: str) -> dict[str, str]:
    scope = {"trust-id": cloud.trust_id} if cloud.trust_id else {project: cloud.project_id}
    known = {"auth-url": cloud.auth_url, "user-id": cloud.user_id, "password": cloud.password, **scope}
    region = {"region": cloud.region} if cloud.region else {}
    return {**known, **region, **({"ca-file": CA_FILE} if cloud.ca else {})}


def render(sections: Mapping[str, Mapping[str, Value]]) -> str:
    """Give a file in the syntax of gcfg, from which exactly these values are read back.

    Raises ``ConfigurationError`` for a value with a control character that the syntax has no way to write.
    """
    return "\n".join(_section(name, values) for name, values in sections.items())


def data(files: Mapping[str, str], cloud: CloudAccess) -> dict[str, str]:
    """Give the data of a Secret that holds these files, and the CA beside them where the cloud has one of its own."""
    complete = {**files, **({CA: cloud.ca} if cloud.ca else {})}
    return {name: base64.b64encode(text.encode()).decode() for name, text in complete.items()}


def _load_balancer(place: Place, secrets: NodeSecrets) -> dict[str, Value]:
    """Give what load balancers of services are like: an empty provider leaves the choice to the cloud."""
    values = place.values
    known: dict[str, Value] = {
        "lb-provider": values[labels.OCTAVIA_PROVIDER],
        "lb-method": values[labels.OCTAVIA_LB_ALGORITHM],
        "create-monitor": values[labels.OCTAVIA_LB_HEALTHCHECK],
    }
    external = secrets.networks.external
    return {**known, "floating-network-id": external} if external else known


def _section(name: str, values: Mapping[str, Value]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {_written(key, value)}\n" for key, value in values.items())


def _written(key: str, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if CONTROL.search(value):
        raise ConfigurationError(f"{key} of the cloud has a control character, which {FILE} cannot hold")
    return f'"{"".join(NEED_ESCAPE.get(character, character) for character in value)}"'
