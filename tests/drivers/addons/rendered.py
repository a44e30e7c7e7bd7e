# SPDX-License-Identifier: Apache-2.0
"""Addons as clusters of every release have them, with every way in which their labels change them."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from magnum_lite.drivers.base import CloudAccess, NodeSecrets
from magnum_lite.drivers.k8s_fcos import all_labels, certificates
from magnum_lite.drivers.k8s_fcos.addons import ADDONS, rendering
from magnum_lite.drivers.k8s_fcos.document import node_document as document_of
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.model import Cluster, Node
from magnum_lite.model.labels import Label, LabelValues
from magnum_lite.nodeconf import Addon, CertificateRequest, NodeDocument
from magnum_lite.releases.catalogue import Release
from tests import pins
from tests.drivers import clusters
from tests.drivers.addons.examples import EXAMPLES, TEMPLATES

CLOUD = CloudAccess(
    auth_url="https://keystone.example/v3",
    user_id="PLACEHOLDER-user",
    password='PLACEHOLDER "password" $(with) `quotes`\n',
    project_id="PLACEHOLDER-project",
    magnum_url="https://magnum.example/v1",
    region="Region One",
    trust_id="PLACEHOLDER-trust",
    ca="PLACEHOLDER certificate",
)


# The newest of each minor, complete with digests that are plainly none.
RELEASES: Mapping[str, Release] = {
    one.tag: one for one in {one.tag.rpartition(".")[0]: one for one in pins.releases()}.values()
}
NEWEST = list(RELEASES)[-1]


def secrets() -> NodeSecrets:
    """Give what a first master is told, cloud and volume types too."""
    return dataclasses.replace(clusters.secrets(), cloud=CLOUD, volume_types=("fast", "Slow & Cheap"))


def place(
    labels: Mapping[str, str] | None = None,
    template: Mapping[str, Any] | None = None,
    *,
    tag: str = NEWEST,
    request: Mapping[str, Any] | None = None,
) -> Place:
    """Give the first master of a cluster with these labels."""
    wanted = {"labels": dict(labels or {}), **(request or {})}
    cluster = clusters.a_built_cluster({"volume_driver": "cinder", **(template or {})}, **wanted)
    return place_of(cluster, cluster.masters[0], tag=tag)


def place_of(cluster: Cluster, node: Node, *, tag: str = NEWEST) -> Place:
    return Place(cluster, node, all_labels.LABELS.parse(cluster.labels), RELEASES[tag])


def requests(cluster: Cluster, node: Node) -> tuple[CertificateRequest, ...]:
    """Give the certificates that a node may have, of a release that pins everything."""
    return certificates.requests(place_of(cluster, node))


def document(of: Place) -> NodeDocument:
    """Give the whole document of a node."""
    return document_of(of, secrets())


def addons(
    labels: Mapping[str, str] | None = None,
    template: Mapping[str, Any] | None = None,
    *,
    tag: str = NEWEST,
    request: Mapping[str, Any] | None = None,
) -> dict[str, Addon]:
    """Give all addons of a cluster with these labels, by name."""
    asked = place(labels, template, tag=tag, request=request)
    return {one.name: one for one in rendering.render_addons(asked, secrets())}


def variants() -> Iterator[tuple[str, Mapping[str, str], Mapping[str, Any]]]:
    """Give labels and templates that change what is rendered, each under a name.

    Every value of a label that is a choice or a boolean is there, of any other label its example; those without which
    a label has no effect go with it.
    """
    for network in ("calico", "flannel"):
        yield f"network {network}", {}, {"network_driver": network}
    for name, template in TEMPLATES.items():
        yield name, {}, template
    for label in all_of_addons():
        for value in _values(label):
            yield f"{label.name}={value[:40]}", {**surroundings(label), label.name: value}, _template(label)


def texts(label: Label[object]) -> set[str]:
    """Give what all addons look like with each value of a label, and without it."""
    around, template = surroundings(label), _template(label)
    given = [around, *({**around, label.name: value} for value in _values(label))]
    return {json.dumps([dataclasses.asdict(one) for one in addons(each, template).values()]) for each in given}


def all_of_addons() -> list[Label[object]]:
    """Give the labels of all addons."""
    return [label for kind in ADDONS for label in kind.labels]


def surroundings(label: Label[object]) -> dict[str, str]:
    """Give the labels without which this one has no effect."""
    return {**_switches(label), **EXAMPLES.get(f"with {label.name}", {})}


@functools.cache
def everything(tag: str) -> dict[str, dict[str, Addon]]:
    """Give the addons of each variant, by its name; what is rendered alike comes once."""
    found: dict[str, dict[str, Addon]] = {}
    seen: set[str] = set()
    for name, labels, template in variants():
        fresh = {}
        for one in addons(labels, template, tag=tag).values():
            text = json.dumps(dataclasses.asdict(one), sort_keys=True)
            if text not in seen:
                fresh[one.name] = one
            seen.add(text)
        found[name] = fresh
    return found


def _values(label: Label[object]) -> tuple[str, ...]:
    if label.kind.name == "boolean":
        return ("true", "false")
    if label.kind.name == "choice":
        return tuple(label.kind.takes.removeprefix("one of ").split(", "))
    example = EXAMPLES[label.name]
    return (example,) if isinstance(example, str) else tuple(example)


def _switches(label: Label[object]) -> dict[str, str]:
    """Give the labels that switch on the addon which has this one, where it is off by default."""
    kind = next(one for one in ADDONS if label in one.labels)
    defaults = LabelValues({one.name: one.default for one in all_labels.LABELS.declared})
    setup = dataclasses.replace(place(template=_template(label)).setup, values=defaults)
    if kind.is_wanted(setup):
        return {}
    return {one.name: "true" for one in kind.labels if one.kind.name == "boolean"}


def _template(label: Label[object]) -> Mapping[str, Any]:
    return {"network_driver": "flannel"} if label.name.startswith("flannel") else {}
