# SPDX-License-Identifier: Apache-2.0
"""What users may write, at its worst: rows and label values with a nasty text in every place where a text fits.

It is put in below the API, so that nothing but the writing of files itself stands between the texts and a node. Every
column and every kind of label is sorted here: a new one fails the tests until somebody has said whose text it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from magnum_lite.drivers.k8s_fcos import all_labels
from magnum_lite.model import Cluster, Node, Nodegroup
from magnum_lite.model.labels import Label, LabelValues
from tests.drivers import clusters

NASTY = '"\'`\\ $(touch /tmp/x) `id` $HOME ${IMAGE} %i %n {{ x }} # é\nSECOND="line"\n\t[Service]\\'

# Texts that we write ourselves, or that name what another service gave us.
OURS = {
    "cluster": {
        "uuid", "project_id", "user_id", "cluster_template_id", "driver", "status", "status_reason", "health_status",
        "health_status_reason", "stack_id", "api_address", "internal_api_address", "coe_version", "roles",
        "cluster_user_id", "grant_kind", "trust_id",
    },
    "nodegroup": {"uuid", "cluster_uuid", "project_id", "role", "stack_id", "status", "status_reason"},
    "node": {
        "uuid", "cluster_uuid", "nodegroup_uuid", "role", "name", "token_hash", "release", "server_id", "address",
        "floating_address", "state", "message", "phases", "versions",
    },
}  # fmt: skip
# One of a few words each, or refused before a row is written: the driver's checks say so.
WORDS = {"cluster": {"network_driver", "volume_driver"}, "nodegroup": set(), "node": set()}
# Whose shape is checked while files are written, because it becomes a path or a line: with such a text there are none.
REFUSED_COLUMNS = {"cluster": {"insecure_registry"}, "nodegroup": {"node_labels", "node_taints"}, "node": set()}
REFUSED_LABELS = {"ntp_servers", "registry_mirrors"}
# Becomes a part of what is pulled or downloaded; the agent takes nothing that it could not verify, and says so.
REFUSED_BY_AGENT = {"container_infra_prefix", "download_prefix"}

TEXT_KINDS = {"certificates", "string", "url", "volume type"}
LIST_KINDS = {"list"}
# What such a label reads is no text of a user any more, but a number, a network, or one word of ours.
TYPED_KINDS = {"boolean", "choice", "cidr", "cidr_list", "integer", "log sources", "log target", "size"}
# A release must be there to say anything at all.
NAMES_OF_OURS = {"kube_tag"}


def mark(*where: str) -> str:
    """Give a word that stands in one place's nasty text and in no other's."""
    return "ZZ".join(["zz", *(name.replace("_", "Z") for name in where), "zz"])


def nasty(*where: str) -> str:
    return f"{NASTY}{mark(*where)}{NASTY}"


VOLUME_TYPES = (nasty("cloud", "volume_types"),)


# The worst of labels that have a shape; another test has the driver refuse other shapes.
SECRET = f"\"'`\\ $(id) $HOME ${{IMAGE}} %i {{{{ x }}}} # é {mark('label', 'log_forwarding_target')}"
OF_A_SHAPE: Mapping[str, object] = {
    "log_forwarding_target": f"https://user:{quote(SECRET)}@logs.example/path",
}


def texts(table: str) -> set[str]:
    """Give the columns of a table that can hold a text."""
    columns = next(model for model in (Cluster, Nodegroup, Node) if model.__tablename__ == table).__mapper__.columns
    return {name for name, column in columns.items() if isinstance(column.type, sa.String | sa.JSON)}


def of_users(table: str) -> set[str]:
    return texts(table) - OURS[table] - WORDS[table] - REFUSED_COLUMNS[table]


def a_cluster() -> Cluster:
    """Give a cluster that has addresses, with a nasty text wherever a user may have written one."""
    found = clusters.a_built_cluster({"volume_driver": "cinder"}, name=nasty("cluster", "name"))
    _spoil(found)
    for group in found.nodegroups:
        _spoil(group)
        for node in group.nodes:
            _spoil(node)
    return found


def label_values(**others: object) -> LabelValues:
    """Give a value for every label, nasty where it is a text; ``others`` are by name."""
    values = {label.name: _value(label) for label in all_labels.LABELS.declared}
    return LabelValues({**values, **others})


def _spoil(row: Cluster | Nodegroup | Node) -> None:
    table = row.__tablename__
    for name in of_users(table):
        setattr(row, name, _like(getattr(row.__class__, name).type, nasty(table, name)))


def _like(kind: object, text: str) -> Any:
    return {text: text} if isinstance(kind, sa.JSON) else text


def _value(label: Label[object]) -> object:
    if label.name in OF_A_SHAPE:
        return OF_A_SHAPE[label.name]
    if label.kind.name == "boolean":
        # What can be switched on is, so that its texts have somewhere to go.
        return True
    if label.name in REFUSED_LABELS | REFUSED_BY_AGENT | NAMES_OF_OURS or label.kind.name in TYPED_KINDS:
        return label.default
    text = nasty("label", label.name)
    return (text,) if label.kind.name in LIST_KINDS else text


def written() -> Mapping[str, str]:
    """Give the nasty text of every place by its mark."""
    places = [(table, name) for table in OURS for name in of_users(table)]
    places += [("cloud", "volume_types")]
    places += [("label", label.name) for label in all_labels.LABELS.declared]
    return {mark(*place): nasty(*place) for place in places} | {mark("label", "log_forwarding_target"): SECRET}
