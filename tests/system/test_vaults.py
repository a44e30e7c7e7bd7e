# SPDX-License-Identifier: Apache-2.0
"""A cluster whose secrets are in Barbican, moved to our database and back while everything runs."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.system.house import House, all_in_one_house, house_of
from tests.system.processes import program, wait_until

SECONDS = 120.0


@pytest.fixture(params=["pocket", "devcloud"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The services with ``[vault] backend = barbican``, on either cloud."""
    if request.param == "pocket":
        with all_in_one_house(tmp_path_factory.mktemp("barbican"), "--set", "vault.backend=barbican") as house:
            yield house
        return
    devcloud = request.getfixturevalue("devcloud")
    house = house_of(devcloud)
    with devcloud.configured("[vault]\nbackend = barbican\n"):
        wait_until(house.is_healthy, "the API answers", seconds=60)
        yield house
    wait_until(house.is_healthy, "the API answers", seconds=60)


def backends(house: House, cluster: str) -> Counter[str]:
    rows = house.query("SELECT backend FROM secret WHERE cluster_uuid = :uuid", uuid=cluster)
    return Counter(row.backend for row in rows)


def move(house: House, cluster: str, backend: str) -> str:
    command = [program("magnum-lite-manage"), "--config-file", str(house.configuration), "vault", "move"]
    done = subprocess.run(
        [*command, "--to", backend, cluster], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def in_barbican(house: House) -> int:
    return house.cloud.leftovers().get("secret", 0)


def test_secrets_live_in_barbican_move_and_go_with_their_cluster(installed: House) -> None:
    user, before = installed.user(), installed.cloud.leftovers()
    cluster = user.create(user.template("guarded"), "guarded")
    user.wait_for(cluster, "CREATE_COMPLETE")
    (kept,) = backends(installed, cluster).items()
    assert (kept[0], in_barbican(installed)) == ("barbican", kept[1] + before.get("secret", 0))

    assert f"{kept[1]} secret(s) moved to database" in move(installed, cluster, "database")
    assert (backends(installed, cluster), in_barbican(installed)) == ({"database": kept[1]}, before.get("secret", 0))
    user.call("POST", f"/clusters/{cluster}/actions/resize", {"node_count": 2})
    user.wait_for(cluster, "UPDATE_COMPLETE")

    move(installed, cluster, "barbican")
    user.remove(cluster)
    assert installed.rows_of(cluster) == {}
    wait_until(lambda: installed.cloud.leftovers() == before, f"as before: {before}", seconds=60)
