# SPDX-License-Identifier: Apache-2.0
"""Log forwarding: its labels, and Fluent Bit on every node once they give a target."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from magnum_lite import nodeconf
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.addons.log_forwarding import pipeline, target
from magnum_lite.drivers.k8s_fcos.addons.log_forwarding.authority import certificates
from magnum_lite.drivers.k8s_fcos.addons.log_forwarding.sources import SOURCES, sources
from magnum_lite.drivers.k8s_fcos.addons.settings import as_file, fingerprint
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.model.labels import Label

NAME = "log-forwarding"
IMAGE = "fluent-bit"
HERE = Path(__file__).parent

TARGET = Label(
    "log_forwarding_target",
    target.kind(),
    "",
    "Where Fluent Bit sends the logs of all nodes; empty: they stay on the nodes.",
)
AUTHORITY = Label(
    "log_forwarding_ca",
    certificates(),
    "",
    "Who signed the certificate of log_forwarding_target; empty: an authority that everybody trusts.",
)
FORWARDED = Label("log_forwarding_sources", sources(), SOURCES, "Which logs are sent.")


def is_wanted(setup: Setup) -> bool:
    return bool(setup.values[TARGET])


def render(place: Place, secrets: NodeSecrets) -> nodeconf.Addon:
    where, authority = target.parse(place.values[TARGET]), place.values[AUTHORITY]
    wanted = pipeline.Pipeline(where, place.values[FORWARDED], place.cluster.uuid, has_authority=bool(authority))
    files = {"fluent-bit.yaml": as_file(wanted.settings()), **({"authority.crt": authority} if authority else {})}
    credentials = {"user": where.user, "password": where.password}
    values = {
        "files": files,
        "credentials": encoded(credentials),
        "fingerprint": fingerprint({**files, **credentials}),
    }
    return nodeconf.Addon(NAME, manifests.load(HERE / "manifests", values, place))


def encoded(credentials: Mapping[str, str]) -> Mapping[str, str]:
    """Give the data of a Secret."""
    return {name: base64.b64encode(value.encode()).decode() for name, value in credentials.items()}


ADDON = AddonKind(name=NAME, labels=(TARGET, AUTHORITY, FORWARDED), images=(IMAGE,), is_wanted=is_wanted, render=render)
