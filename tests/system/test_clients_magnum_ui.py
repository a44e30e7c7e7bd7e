# SPDX-License-Identifier: Apache-2.0
"""What magnum-ui 19 asks through python-magnumclient 4.11: strings for everything, detail lists, microversion 1.13."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import required
from tests.system.house import House
from tests.system.magnum_ui import Horizon, Refused, magnum_ui_python
from tests.system.signing import signing_request
from tests.system.user import GONE, User


@pytest.fixture(scope="module")
def python() -> Iterator[str]:
    with required(magnum_ui_python()) as path:
        yield path


@pytest.fixture(scope="module")
def horizon(house: House, python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Horizon]:
    horizon = Horizon(house.user(), python, tmp_path_factory.mktemp("horizon"))
    yield horizon
    horizon.end()


@pytest.fixture(scope="module")
def user(house: House) -> User:
    return house.user()


@pytest.fixture(scope="module")
def cluster(user: User, horizon: Horizon, noop_template: str) -> Iterator[str]:
    """A cluster made with the wizard, which sends what was typed."""
    made = horizon.call(
        "clusters",
        "create",
        name="horizon",
        cluster_template_id=noop_template,
        master_count="1",
        node_count="2",
        create_timeout="60",
        keypair="my_keypair",
        docker_volume_size="5",
        labels={"typed": "yes"},
        merge_labels=True,
        floating_ip_enabled=True,
        master_lb_enabled=False,
        master_flavor_id="m1.small",
        flavor_id="m1.small",
        discovery_url=None,
        fixed_network=None,
    )
    user.wait_for(made["uuid"], "CREATE_COMPLETE")
    yield str(made["uuid"])
    horizon.call("clusters", "delete", made["uuid"])
    user.wait_for(made["uuid"], GONE)


def test_clusters_are_listed_with_details_and_shown(horizon: Horizon, cluster: str) -> None:
    listed = horizon.call("clusters", "list", None, None, None, None, True)
    shown = horizon.call("clusters", "get", cluster)

    (one,) = [one for one in listed if one["uuid"] == cluster]
    assert (one["master_count"], one["node_count"], one["docker_volume_size"]) == (1, 2, 5)
    assert (one["status"], one["api_address"]) == ("CREATE_COMPLETE", "https://127.0.0.1:6443")
    assert (shown["labels"], shown["create_timeout"]) == ({"kind": "noop", "typed": "yes"}, 60)


def test_the_number_of_workers_is_updated_as_text(horizon: Horizon, user: User, cluster: str) -> None:
    patch = [{"op": "replace", "path": "/node_count", "value": "3"}]

    answered = horizon.call("clusters", "update", cluster, patch)
    user.wait_for(cluster, "UPDATE_COMPLETE")

    assert answered["uuid"] == cluster
    assert horizon.call("clusters", "get", cluster)["node_count"] == 3


def test_the_resize_page_reads_nodegroups_and_removes_workers(horizon: Horizon, user: User, cluster: str) -> None:
    groups = horizon.call("nodegroups", "list", cluster)
    workers = next(one for one in groups if one["role"] == "worker")

    horizon.call("clusters", "resize", cluster, "1", nodes_to_remove=None, nodegroup=workers["uuid"])
    user.wait_for(cluster, "UPDATE_COMPLETE")

    assert [one["name"] for one in groups] == ["default-master", "default-worker"]
    assert horizon.call("clusters", "get", cluster)["node_count"] == 1


def test_an_upgrade_is_refused_in_the_drivers_words(horizon: Horizon, cluster: str, noop_template: str) -> None:
    with pytest.raises(Refused, match="its driver noop does not do that") as refused:
        horizon.call("clusters", "upgrade", cluster, noop_template, "1", None)

    assert refused.value.kind == "BadRequest"


def test_templates_are_made_listed_changed_and_deleted(horizon: Horizon, noop_image: str) -> None:
    made = horizon.call(
        "cluster_templates",
        "create",
        name="horizon",
        coe="kubernetes",
        image_id=noop_image,
        public="False",
        hidden="False",
        registry_enabled="False",
        tls_disabled="False",
        floating_ip_enabled="True",
        master_lb_enabled="True",
        docker_volume_size="5",
        dns_nameserver="127.0.0.53",
        labels={"a": "b"},
        insecure_registry=None,
    )
    patch = [
        {"op": "replace", "path": "/master_lb_enabled", "value": "False"},
        {"op": "replace", "path": "/docker_volume_size", "value": "6"},
        {"op": "replace", "path": "/labels", "value": "{'a': 'c', 'd': '1'}"},
        {"op": "remove", "path": "/dns_nameserver"},
    ]
    changed = horizon.call("cluster_templates", "update", made["uuid"], patch)
    listed = horizon.call("cluster_templates", "list", None, None, None, None, True)
    horizon.call("cluster_templates", "delete", made["uuid"])

    assert (made["public"], made["floating_ip_enabled"], made["docker_volume_size"]) == (False, True, 5)
    assert (changed["master_lb_enabled"], changed["docker_volume_size"]) == (False, 6)
    assert (changed["labels"], changed["dns_nameserver"]) == ({"a": "c", "d": "1"}, None)
    assert [one["labels"] for one in listed if one["uuid"] == made["uuid"]] == [{"a": "c", "d": "1"}]
    with pytest.raises(Refused, match="could not be found"):
        horizon.call("cluster_templates", "get", made["uuid"])


def test_certificates_are_shown_and_signed(horizon: Horizon, cluster: str) -> None:
    shown = horizon.call("certificates", "get", cluster)
    csr = signing_request("admin", "system:masters")
    signed = horizon.call("certificates", "create", cluster_uuid=cluster, csr=csr)

    assert shown["pem"].startswith("-----BEGIN CERTIFICATE-----")
    assert signed["pem"].startswith("-----BEGIN CERTIFICATE-----")
    with pytest.raises(Refused, match="cannot be given new certificate authorities"):
        horizon.call("certificates", "rotate_ca", cluster_uuid=cluster)


def test_the_overview_counts_clusters_and_the_quota_panel_is_for_admins(
    horizon: Horizon, house: House, python: str, cluster: str, tmp_path: Path
) -> None:
    project = house.user().session.get_project_id()
    counted = horizon.call("stats", "list", project)
    admin = Horizon(house.user("admin"), python, tmp_path)
    listed = admin.call("quotas", "list", None, None, None, None, True)
    admin.end()

    assert counted["clusters"] >= 1
    assert isinstance(listed, list)
    with pytest.raises(Refused) as refused:
        horizon.call("quotas", "list", None, None, None, None, True)
    assert refused.value.kind == "Forbidden"
