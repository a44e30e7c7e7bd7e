# SPDX-License-Identifier: Apache-2.0
"""The addons a cluster asks for and its release cannot give, because it does not pin all that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Setup
from magnum_lite.model.labels import Label, LabelValues
from magnum_lite.releases.catalogue import Release


def left_out(setup: Setup, release: Release, addons: Sequence[AddonKind] = ADDONS) -> dict[str, tuple[str, ...]]:
    """Give the components that are missing, by the addon that is wanted and left out of the document for them."""
    wanted = {kind.name: kind.missing(release) for kind in addons if kind.is_wanted(setup)}
    return {name: missing for name, missing in wanted.items() if missing}


def asked_for(
    setup: Setup, given: Mapping[str, str], release: Release, addons: Sequence[AddonKind] = ADDONS
) -> Iterator[tuple[Label[object], tuple[str, ...]]]:
    """Give the label by which somebody asked for an addon that is left out, with what is missing.

    An addon that is only there by default is nobody's wish, and is not among them.
    """
    missing = left_out(setup, release, addons)
    for kind in addons:
        label = next(_asking(kind, setup, given), None) if kind.name in missing else None
        if label is not None:
            yield label, missing[kind.name]


def reason(missing: Sequence[str], release: Release) -> str:
    """Say what is not pinned, and what the cloud's operator has to do about it."""
    command = f"magnum-lite-manage release pin {release.tag} {' '.join(missing)}"
    return f"release {release.tag} does not pin {', '.join(missing)}; the cloud's operator does with {command}"


def _asking(kind: AddonKind, setup: Setup, given: Mapping[str, str]) -> Iterator[Label[object]]:
    """Give the labels that switch an addon on: those that say true, or without which it is not wanted."""
    for label in kind.labels:
        if label.name not in given:
            continue
        if setup.values[label] is True or not kind.is_wanted(_without(label, setup, given)):
            yield label


def _without(label: Label[object], setup: Setup, given: Mapping[str, str]) -> Setup:
    values = dict(setup.values.by_name)
    values[label.name] = label.default
    return Setup(LabelValues(values), setup.network_driver, setup.volume_driver)
