# SPDX-License-Identifier: Apache-2.0
"""One cluster with a real control plane for all tests, on an all-in-one house; skipped where no programs are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests import pins
from tests.kubernetes import given
from tests.kubernetes.given import Given
from tests.kubernetes.real import Client, RealCluster
from tests.system.house import House, all_in_one_house
from tests.system.openstack import Shell

BUILD_SECONDS = 240.0
# A cluster with all that can be switched on.
LABELS: Mapping[str, str] = {"fixed_subnet_cidr": "127.32.0.0/16"}


@pytest.fixture(scope="session")
def programs() -> Given:
    return given.needed(*given.CONTROL_PLANE)


@pytest.fixture(scope="session")
def house(programs: Given, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("real")
    lent = programs.folder(folder / "programs")
    options = [f"--programs={lent}"]
    if programs.manifests is not None:
        options.append(f"--downloads={programs.manifests}")
    with all_in_one_house(folder, *options) as house:
        yield house


@pytest.fixture(scope="session")
def cluster(house: House, programs: Given, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    """A cluster of one master, whose nodes have no kubelet that runs."""
    user = house.user()
    network = "flannel" if programs.manifests is None else "calico"
    labels = {**LABELS, "kube_tag": _release(programs.version())}
    template = user.template("real", labels=labels, network_driver=network, floating_ip_enabled=True)
    uuid = user.create(template, "real")
    user.wait_for(uuid, "CREATE_COMPLETE", seconds=BUILD_SECONDS)
    master = next(agent for agent in house.cloud.agents().values() if "master" in agent.node)
    folder = tmp_path_factory.mktemp("customer")
    yield RealCluster(house, uuid, programs.programs["kubectl"], master.node, master.root, folder)
    user.remove(uuid)


@pytest.fixture(scope="session")
def admin(cluster: RealCluster) -> Client:
    """The owner of the cluster, with the kubeconfig that ``openstack coe cluster config`` writes."""
    Shell(cluster.house.cloud).run(f"coe cluster config real --dir {cluster.folder} --force")
    return Client(cluster.kubectl, (f"--kubeconfig={cluster.folder / 'config'}",))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send the tests of the one cluster to one worker."""
    folder = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(folder):
            item.add_marker(pytest.mark.xdist_group("kubernetes"))


def _release(version: str) -> str:
    """Give the newest release of the same minor version."""
    minor = version.rpartition(".")[0]
    fitting = [release.tag for release in pins.releases() if release.tag.startswith(f"{minor}.")]
    return fitting[-1] if fitting else given.refuse(f"there is no release of {minor}")
