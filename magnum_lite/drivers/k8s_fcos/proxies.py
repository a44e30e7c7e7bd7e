# SPDX-License-Identifier: Apache-2.0
"""The proxies by which a node reaches what is outside, and what it never asks them for."""

from __future__ import annotations

from collections.abc import Sequence

from magnum_lite.model.cluster import Cluster

# This machine, the cloud's metadata, and the names of Kubernetes' services.
NEVER = ("127.0.0.1", "localhost", "169.254.169.254", ".svc", ".cluster.local")


def variables(cluster: Cluster, inside: Sequence[str]) -> dict[str, str]:
    """Give the variables that programs read, under both spellings; none for a template without a proxy.

    ``inside`` are the networks of nodes, pods and services.
    """
    named = {"HTTP_PROXY": cluster.http_proxy, "HTTPS_PROXY": cluster.https_proxy}
    given = {name: value for name, value in named.items() if value}
    if not given:
        return {}
    given["NO_PROXY"] = ",".join(dict.fromkeys([*_words(cluster.no_proxy), *inside, *NEVER]))
    return {**given, **{name.lower(): value for name, value in given.items()}}


def _words(given: str | None) -> list[str]:
    return [word.strip() for word in (given or "").split(",") if word.strip()]
