# SPDX-License-Identifier: Apache-2.0
"""Services and clouds, started once per test run."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.devcloud import is_on_devcloud
from tests.servers import HOST, free_port
from tests.system.any_cloud import ANYWHERE, SYSTEM_CLOUD, AnyCloud, AnyHouse
from tests.system.cloud import pocket
from tests.system.house import House, all_in_one_house, house_of
from tests.system.processes import wait_until
from tests.system.user import GONE

SHARED = {"house", "rows", "quick"}


HOUSES = ["anycloud"] if os.environ.get(SYSTEM_CLOUD) else ["pocket", "devcloud"]


@pytest.fixture(scope="session", params=HOUSES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """API, conductor and pocket cloud as ``magnum-lite-all-in-one`` runs them, as they are installed on devcloud, or as
    somebody has them, who says so by ``SYSTEM_CLOUD``.
    """
    if request.param == "anycloud":
        somebodys = AnyHouse(AnyCloud.of_environment())
        yield somebodys
        somebodys.tidy()
        return
    if request.param == "devcloud":
        yield house_of(request.getfixturevalue("devcloud"))
        return
    with all_in_one_house(tmp_path_factory.mktemp("all-in-one")) as house:
        yield house


@pytest.fixture(scope="session")
def noop_image(house: House) -> str:
    """An image whose clusters the noop driver makes, complete as soon as a conductor looks."""
    admin = house.user("admin")
    if not admin.images("noop-image"):
        admin.image("noop-image", os_distro="noop", visibility="public")
    return "noop-image"


@pytest.fixture(scope="session")
def noop_template(house: House, noop_image: str) -> Iterator[str]:
    """A template on that image, with a label; no other has its name, not even on a cloud that is somebody's."""
    user = house.user()
    uuid = user.template(f"noop-{secrets.token_hex(4)}", image_id=noop_image, labels={"kind": "noop"})
    yield uuid
    user.call("DELETE", f"/clustertemplates/{uuid}")


@pytest.fixture(scope="module")
def scaled(house: House) -> Iterator[str]:
    """A cluster ``scaled`` of one master and two workers on real nodes, which are healed and may become five.

    It ends with the module: other tests of the house count what there is in the cloud.
    """
    user, before = house.user(), house.cloud.leftovers()
    labels = {"auto_healing_enabled": "true", "min_node_count": "1", "max_node_count": "5"}
    uuid = user.create(user.template("scaled"), "scaled", node_count=2, labels=labels, merge_labels=True)
    user.wait_for(uuid, "CREATE_COMPLETE")
    yield uuid
    user.delete(uuid)
    user.delete(uuid)
    user.wait_for(uuid, GONE)
    wait_until(lambda: house.cloud.leftovers() == before, f"{house.cloud.leftovers()} as {before}")


@pytest.fixture(scope="module")
def server_house(tmp_path_factory: pytest.TempPathFactory, mariadb_url: str) -> Iterator[House]:
    """A house on a new MariaDB database and a pocket cloud of its own, not prepared and with no service running."""
    folder, api_port = tmp_path_factory.mktemp("servers"), free_port()
    with pocket(folder, magnum_url=f"http://{HOST}:{api_port}/v1") as cloud:
        yield House(folder, cloud, api_port=api_port, database=_new_database(mariadb_url, f"system_{api_port}"))


def _new_database(url: str, name: str) -> str:
    """Make an empty database beside the given one and give its URL."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Send the tests of one house, or of one run of a bench, to one worker, so that each is had once.

    On somebody's cloud only the tests run that need nothing else.
    """
    folder = Path(__file__).parent
    if os.environ.get(SYSTEM_CLOUD):
        kept = [item for item in items if item.path.stem in ANYWHERE and "[anycloud" in item.name]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
    for item in items:
        if not item.path.is_relative_to(folder) or not isinstance(item, pytest.Function):
            continue
        for name in () if is_on_devcloud(item) else SHARED.intersection(item.fixturenames):
            item.add_marker(pytest.mark.xdist_group(name))
