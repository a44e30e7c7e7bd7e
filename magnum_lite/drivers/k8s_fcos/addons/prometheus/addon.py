# SPDX-License-Identifier: Apache-2.0
"""Prometheus: its labels, what it asks for metrics, and where it keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.addons.settings import as_file, fingerprint, read
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.model.labels import Label, boolean, integer, size, string

NAME = "prometheus"
HERE = Path(__file__).parent
CLAIM = "claim.yaml"
SCRAPE_TIMEOUT = 10
# A name that Kubernetes takes (RFC 1123 subdomain), or nothing.
CLASS = r"|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){0,3}"

MONITORING_ENABLED = Label(
    "monitoring_enabled", boolean(), True, "Run Prometheus in the cluster, and the node exporter on its nodes."
)
RETENTION_DAYS = Label("monitoring_retention_days", integer(1, 3650), 14, "For how many days Prometheus keeps metrics.")
RETENTION_SIZE = Label(
    "monitoring_retention_size", size(1, 16384), 4, "How much Prometheus keeps before it drops the oldest metrics."
)
INTERVAL = Label(
    "monitoring_interval_seconds", integer(5, 300), 30, "The seconds between two looks of Prometheus at each part."
)
STORAGE_CLASS = Label(
    "monitoring_storage_class_name",
    string("the name of a storage class, or nothing", CLASS),
    "",
    "The storage class of the volume Prometheus keeps metrics on; empty: the disk of its node, lost with its Pod.",
)


def is_wanted(setup: Setup) -> bool:
    return setup.values[MONITORING_ENABLED]


def render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    storage_class = place.values[STORAGE_CLASS]
    files = {"prometheus.json": as_file(scraping(place))}
    values = {
        "files": files,
        "fingerprint": fingerprint(files),
        "days": place.values[RETENTION_DAYS],
        "size": place.values[RETENTION_SIZE],
        "space": f"{space(place.values[RETENTION_SIZE])}Gi",
        "storage_class": storage_class,
        "storage": storage(storage_class, place.values[RETENTION_SIZE]),
    }
    without = () if storage_class else (CLAIM,)
    return nodeconf.Addon(NAME, manifests.load(HERE / "manifests", values, place, without=without))


def scraping(place: Place) -> Mapping[str, object]:
    """Give Prometheus' configuration: whom it asks, how often, and how it knows that it is them."""
    seconds = place.values[INTERVAL]
    often = {
        "scrape_interval": f"{seconds}s",
        "scrape_timeout": f"{min(seconds, SCRAPE_TIMEOUT)}s",
        "external_labels": {"cluster": place.cluster.uuid},
    }
    return {**read(HERE / "settings" / "prometheus.yaml"), "global": often}


def space(gib: int) -> int:
    """Give the GiB to have room for: what is being compacted counts in no retention."""
    return gib + max(1, gib // 5)


def storage(storage_class: str, gib: int) -> Mapping[str, object]:
    """Give the volume of a Pod: a claim, or a folder of the node that the Pod is evicted for filling."""
    if storage_class:
        return {"name": "metrics", "persistentVolumeClaim": {"claimName": NAME}}
    return {"name": "metrics", "emptyDir": {"sizeLimit": f"{space(gib)}Gi"}}


ADDON = AddonKind(
    name=NAME,
    labels=(MONITORING_ENABLED, RETENTION_DAYS, RETENTION_SIZE, INTERVAL, STORAGE_CLASS),
    images=(NAME,),
    is_wanted=is_wanted,
    render=render,
    # Kubelets and node exporters.
    reaches=(10250, 9100),
)
