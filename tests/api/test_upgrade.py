# SPDX-License-Identifier: Apache-2.0
"""Another template for a cluster."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from magnum_lite.model import ClusterTemplate
from magnum_lite.store import operations
from tests.api.service import Service, error_of


def upgrade(service: Service, cluster: str, body: Any, version: str = "latest") -> Any:
    return service.call("POST", f"/v1/clusters/{cluster}/actions/upgrade", body, version=version)


def test_an_accepted_upgrade_is_in_the_rows_and_the_conductor_is_told(service: Service) -> None:
    cluster = service.finished()
    template = service.template(name="newer")
    answer = upgrade(service, cluster, {"cluster_template": "newer", "max_batch_size": "2"})

    row = service.rows(cluster)
    with service.store.read() as session:
        operation = operations.list_(session, cluster)[0]
    assert (answer.status_code, answer.json) == (202, {"uuid": cluster})
    assert (row.status, {group.status for group in row.nodegroups}) == ("UPDATE_IN_PROGRESS", {"UPDATE_IN_PROGRESS"})
    assert operation.wanted == {
        "cluster_template": template,
        "max_batch_size": 2,
        "nodegroups": [group.uuid for group in row.nodegroups],
    }
    assert service.conductor.nudged == [cluster]


def test_an_upgrade_is_not_asked_for_during_another_change(service: Service) -> None:
    cluster = service.finished()
    template = service.template()
    codes = [upgrade(service, cluster, {"cluster_template": template}).status_code for _ in range(2)]

    assert codes == [202, 409]


def test_another_nodegroup_follows_its_cluster(service: Service) -> None:
    cluster = service.finished()
    service.call("POST", f"/v1/clusters/{cluster}/nodegroups", {"name": "more"}, version="1.9")
    service.finish(cluster)
    own, other = service.rows(cluster).cluster_template_id, service.template()
    refused = upgrade(service, cluster, {"cluster_template": other, "nodegroup": "more"})
    taken = upgrade(service, cluster, {"cluster_template": own, "nodegroup": "more"})

    statuses = {group.name: group.status for group in service.rows(cluster).nodegroups}
    assert (refused.status_code, taken.status_code) == (409, 202)
    assert (statuses["more"], statuses["default-worker"]) == ("UPDATE_IN_PROGRESS", "CREATE_COMPLETE")


def test_a_template_of_another_driver_does_not_fit(service: Service) -> None:
    cluster = service.finished()
    template = service.template()
    with service.store.write() as session:
        session.execute(sa.update(ClusterTemplate).where(ClusterTemplate.uuid == template).values(driver="noop"))
    answer = upgrade(service, cluster, {"cluster_template": template})

    assert (answer.status_code, "noop" in error_of(answer)["title"]) == (409, True)


REFUSED: tuple[tuple[Any, int, str], ...] = (
    ({}, 400, "cluster_template"),
    ({"cluster_template": None}, 400, "cluster_template"),
    ({"cluster_template": "none-such"}, 404, "none-such"),
    ({"cluster_template": "fcos", "max_batch_size": 0}, 400, "max_batch_size"),
    ({"cluster_template": "fcos", "nodegroup": "none-such"}, 404, "none-such"),
)


@pytest.mark.parametrize(("body", "code", "said"), REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_a_bad_upgrade_is_refused_and_changes_nothing(service: Service, body: Any, code: int, said: str) -> None:
    cluster = service.finished()
    answer = upgrade(service, cluster, body)

    assert (answer.status_code, said in error_of(answer)["title"]) == (code, True)
    assert (service.rows(cluster).status, service.conductor.nudged) == ("CREATE_COMPLETE", [])


@pytest.mark.parametrize(("version", "code"), [("1.7", 406), ("1.8", 202)])
def test_upgrades_are_there_from_1_8_on(service: Service, version: str, code: int) -> None:
    cluster = service.finished()

    assert upgrade(service, cluster, {"cluster_template": "fcos"}, version).status_code == code
