# SPDX-License-Identifier: Apache-2.0
"""What the agent gives a real API server is taken as it is."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from magnum_lite.agent import inventory
from magnum_lite.agent.kubernetes import MANAGER
from magnum_lite.agent.ranks import DEFINITION
from tests.drivers.addons import rendered
from tests.drivers.addons.examples import CUSTOM_KINDS
from tests.kubernetes.real import Client, RealCluster

VARIANTS = sorted(name for name, _, _ in rendered.variants())
# As the agent would apply it.
TRY = ("apply", "--server-side", "--force-conflicts", f"--field-manager={MANAGER}", "--filename=-")
STRICTLY = ("--dry-run=server", "--validate=strict")


def kept(admin: Client) -> dict[str, inventory.Entry]:
    """Give what the cluster itself says of its addons."""
    found = admin.read("configmap", inventory.NAME, f"--namespace={inventory.NAMESPACE}")["data"]
    return {name: inventory.Entry.from_json(text) for name, text in found.items()}


def objects(variant: str) -> Iterator[Mapping[str, Any]]:
    """Give what is rendered for a variant alone, without what needs definitions of other projects."""
    for addon in rendered.everything(rendered.NEWEST)[variant].values():
        yield from (one for one in addon.objects if one["kind"] not in CUSTOM_KINDS)


def test_every_addon_of_the_document_is_there(cluster: RealCluster, admin: Client) -> None:
    entries = kept(admin)

    assert entries
    assert all(entry.digest and entry.objects and not entry.leaving for entry in entries.values())
    for name in entries:
        assert f"addon {name} is applied" in cluster.log()


def test_what_the_cluster_says_of_its_addons_is_so(admin: Client) -> None:
    for name, entry in kept(admin).items():
        kinds = {one.kind for one in entry.objects} - {DEFINITION}
        found = admin.read(",".join(sorted(kinds)), "--all-namespaces", f"--selector={inventory.ADDON}={name}")["items"]
        there = {(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]) for one in found}

        assert {dataclasses.astuple(one)[1:] for one in entry.objects if one.kind != DEFINITION} <= {
            (kind, name, space) for kind, space, name in there
        }


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_object_that_a_cluster_can_have_is_accepted(admin: Client, variant: str) -> None:
    items = list(objects(variant))
    if items:
        admin.run(*TRY, *STRICTLY, text=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
