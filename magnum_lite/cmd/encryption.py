# SPDX-License-Identifier: Apache-2.0
"""What ``magnum-lite-manage encryption check`` does: say whose volumes are not encrypted at rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oslo_config import cfg

from magnum_lite.clouds import cinder
from magnum_lite.clouds.session import service_session
from magnum_lite.drivers.registry import Registry
from magnum_lite.model import Cluster
from magnum_lite.model.labels import VOLUME_TYPE, Labels
from magnum_lite.store import clusters
from magnum_lite.store.engine import Store
from magnum_lite.store.paging import Page

PAGE = 100


def add_parser(groups: Any) -> None:
    """Add the group ``encryption`` and what belongs to it."""
    actions = groups.add_parser("encryption", help="data at rest").add_subparsers(dest="action", required=True)
    actions.add_parser("check", help="print which volume types are encrypted, and which clusters use others")


def check(conf: cfg.ConfigOpts) -> int:
    """Print what was found; 1 when a cluster's volumes are not encrypted, 0 when all are or there is none."""
    session, drivers = service_session(conf), Registry.from_conf(conf)
    encrypted = {kind.name: cinder.has_encryption(session, kind) for kind in cinder.list_volume_types(session)}
    for name, is_encrypted in encrypted.items():
        print(f"volume type {name} is {'encrypted' if is_encrypted else 'NOT encrypted'}")
    found = [
        f"cluster {cluster.name} ({cluster.uuid}): {complaint}"
        for cluster in _all(Store.from_conf(conf))
        for complaint in complaints(cluster, drivers.get(cluster.driver).labels, encrypted)
    ]
    print("\n".join(found) if found else "every cluster names encrypted volume types alone")
    return 1 if found else 0


def complaints(cluster: Cluster, labels: Labels, encrypted: Mapping[str, bool]) -> Iterator[str]:
    """Say which labels of a cluster, or of a group of its nodes, name no encrypted volume type."""
    told = set()
    for given in (cluster.labels, *(group.labels for group in cluster.nodegroups)):
        named = labels.volume_types(given)
        for label in (one.name for one in labels.describe() if one.kind == VOLUME_TYPE):
            complaint = _complaint(label, named.get(label), encrypted)
            if complaint is not None and complaint not in told:
                told.add(complaint)
                yield complaint


def _complaint(label: str, name: str | None, encrypted: Mapping[str, bool]) -> str | None:
    if name is None:
        return f"{label} is not given, so its volumes are of the cloud's own choice"
    if name not in encrypted:
        return f"{label} is {name}, which the cloud does not have"
    return None if encrypted[name] else f"{label} is {name}, which is NOT encrypted"


def _all(store: Store) -> Iterator[Cluster]:
    """Give every cluster of every project with its nodegroups, a page at a time."""
    marker = None
    while True:
        with store.read() as session:
            part = clusters.list_(session, None, Page(limit=PAGE, marker=marker), with_nodes=False, columns=("uuid",))
            whole = [found for one in part.rows if (found := clusters.find(session, one.uuid)) is not None]
        yield from whole
        if not part.has_more:
            return
        marker = part.rows[-1].uuid
