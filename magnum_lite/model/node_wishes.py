# SPDX-License-Identifier: Apache-2.0
"""What may be wanted of the nodes of a group: how many, with which Kubernetes labels and taints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from magnum_lite.errors import InvalidNodegroup
from magnum_lite.model.nodegroup import MASTER

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
TAINT_KEYS = ("key", "value", "effect")

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
LONGEST_PREFIX = 253

# Kubernetes lets a kubelet give its own node only these of its own labels (admission plug-in NodeRestriction).
RESERVED_DOMAINS = ("kubernetes.io", "k8s.io")
ALLOWED_DOMAINS = ("kubelet.kubernetes.io", "node.kubernetes.io")
ALLOWED_LABELS = frozenset(
    {
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/instance-type",
        "beta.kubernetes.io/os",
        "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.kubernetes.io/region",
        "failure-domain.kubernetes.io/zone",
        "kubernetes.io/arch",
        "kubernetes.io/hostname",
        "kubernetes.io/instance-type",
        "kubernetes.io/os",
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
    }
)


def check_counts(name: str, *, count: int, least: int, most: int | None) -> None:
    """Raise ``InvalidNodegroup`` unless ``least <= count <= most``."""
    if most is not None and least > most:
        raise InvalidNodegroup(f"min_node_count {least} of nodegroup {name} is above its max_node_count {most}")
    if count < least:
        raise InvalidNodegroup(f"node_count {count} of nodegroup {name} is below its min_node_count {least}")
    if most is not None and count > most:
        raise InvalidNodegroup(f"node_count {count} of nodegroup {name} is above its max_node_count {most}")


def check_marks(name: str, role: str, labels: Mapping[str, str], taints: Sequence[Mapping[str, Any]]) -> None:
    """Raise ``InvalidNodegroup`` for labels or taints that Kubernetes, or a group of masters, does not take."""
    if role == MASTER and (labels or taints):
        raise InvalidNodegroup(f"Nodegroup {name} holds masters: they take no node_labels and no node_taints")
    for key, value in labels.items():
        _check_key(f"node_labels of nodegroup {name}", key)
        _check_domain(name, key)
        _check_value(f"label {key} in node_labels of nodegroup {name}", value)
    for taint in taints:
        _check_taint(name, taint)


def _check_taint(name: str, taint: Mapping[str, Any]) -> None:
    where = f"node_taints of nodegroup {name}"
    if not set(taint) <= set(TAINT_KEYS):
        unknown = ", ".join(sorted(str(key)[:100] for key in set(taint) - set(TAINT_KEYS)))
        raise InvalidNodegroup(f"Unknown {unknown} in {where}: a taint has {', '.join(TAINT_KEYS)}")
    _check_key(where, taint.get("key"))
    _check_value(f"taint {taint['key']} in {where}", taint.get("value") or "")
    if taint.get("effect") not in EFFECTS:
        shown = repr(taint.get("effect"))[:100]
        raise InvalidNodegroup(f"Effect {shown} of taint {taint['key']} in {where}: it takes {' or '.join(EFFECTS)}")


def _check_key(where: str, key: object) -> None:
    prefix, _, name = key.rpartition("/") if isinstance(key, str) else ("", "", "")
    is_prefix = not prefix or (len(prefix) <= LONGEST_PREFIX and _PREFIX.fullmatch(prefix))
    has_empty_prefix = isinstance(key, str) and key.startswith("/")
    if not _NAME.fullmatch(name) or not is_prefix or has_empty_prefix:
        raise InvalidNodegroup(
            f"Key {repr(key)[:100]} in {where}: it takes a name of 1 to 63 letters, digits, '-', '_' and '.', "
            "perhaps after a DNS name and '/'"
        )


def _check_value(where: str, value: object) -> None:
    if not isinstance(value, str) or (value and not _NAME.fullmatch(value)):
        raise InvalidNodegroup(
            f"Value {repr(value)[:100]} of {where}: it takes at most 63 letters, digits, '-', '_' and '.'"
        )


def _check_domain(name: str, key: str) -> None:
    prefix = key.rpartition("/")[0]
    if not _is_below(prefix, RESERVED_DOMAINS) or _is_below(prefix, ALLOWED_DOMAINS) or key in ALLOWED_LABELS:
        return
    raise InvalidNodegroup(
        f"Label {key} in node_labels of nodegroup {name} is Kubernetes' own: below kubernetes.io and k8s.io it takes "
        f"{', '.join(f'{one}/...' for one in ALLOWED_DOMAINS)} and {', '.join(sorted(ALLOWED_LABELS))}"
    )


def _is_below(prefix: str, domains: Sequence[str]) -> bool:
    return any(prefix == domain or prefix.endswith(f".{domain}") for domain in domains)
