# SPDX-License-Identifier: Apache-2.0
"""What is there beyond what the cloud came with: the count that shows whether a deleted cluster left something."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud.records import Record, Records

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud


def known(cloud: "Cloud") -> frozenset[str]:
    """Give the ids of everything there is now, to be left out of later counts."""
    return frozenset(one["id"] for _, records in _kinds(cloud) for one in records)


def count(cloud: "Cloud", project_id: str) -> dict[str, int]:
    """Count by kind what is not furnished, in one project or (for "") in all; kinds without any are left out.

    Default security groups are Neutron's own and do not count. Users have no project: those of the domain for
    clusters' users count always.
    """
    with cloud.lock:
        default = {group["id"] for group in cloud.network.records["security_group"] if group["name"] == "default"}
        found = {
            name: sum(1 for one in records if _counts(one, project_id, cloud.furnished_ids, default))
            for name, records in _kinds(cloud)
        }
    found["node"] = cloud.nodes.count(project_id)
    found["stack"] = len(cloud.orchestration.list_(project_id or None))
    return {name: number for name, number in found.items() if number}


def _counts(one: Record, project_id: str, furnished: frozenset[str], default: set[str]) -> bool:
    if one["id"] in furnished or one["id"] in default or one.get("security_group_id") in default:
        return False
    return project_id in ("", one.get("project_id", project_id))


def _kinds(cloud: "Cloud") -> Iterator[tuple[str, Records]]:
    yield from cloud.network.records.items()
    yield from cloud.load_balancer.records.items()
    yield "server", cloud.compute.servers
    yield "server_group", cloud.compute.groups
    yield "volume", cloud.volume.volumes
    yield "secret", cloud.key_manager.secrets
    yield "user", cloud.identity.users
