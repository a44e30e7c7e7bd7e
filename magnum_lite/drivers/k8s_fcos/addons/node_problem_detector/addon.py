# SPDX-License-Identifier: Apache-2.0
"""Node problem detector: its label, and the monitors it runs on every node."""

from __future__ import annotations

from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.addons.settings import as_files, fingerprint
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.model.labels import Label, boolean

NAME = "node-problem-detector"
HERE = Path(__file__).parent

NPD_ENABLED = Label("npd_enabled", boolean(), True, "Tell Kubernetes what a node's kernel and services complain of.")


def is_wanted(setup: Setup) -> bool:
    return setup.values[NPD_ENABLED]


def render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    monitors = as_files(HERE / "settings")
    values = {"monitors": monitors, "fingerprint": fingerprint(monitors)}
    return nodeconf.Addon(NAME, manifests.load(HERE / "manifests", values, place))


ADDON = AddonKind(name=NAME, labels=(NPD_ENABLED,), images=(NAME,), is_wanted=is_wanted, render=render)
