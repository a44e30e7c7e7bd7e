# SPDX-License-Identifier: Apache-2.0
"""magnum-lite-manage encryption check names the clusters whose volumes nobody encrypts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from magnum_lite import conf as configuration
from magnum_lite.cmd import manage
from magnum_lite.model.labels import VOLUME_TYPE
from magnum_lite.pocketcloud.cloud import Settings
from magnum_lite.pocketcloud.server import PocketCloud, free_port
from magnum_lite.store.engine import Store
from tests.builders import a_cluster
from tests.drivers import clusters
from tests.unit.clouds.configuration import for_cloud

ALL = [one.name for one in clusters.driver().labels.describe() if one.kind == VOLUME_TYPE]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    pocket = PocketCloud(Settings(url=url, state_dir=tmp_path_factory.mktemp("pocket"), run_agents=False), port)
    yield url
    pocket.stop()


@pytest.fixture
def options(url: str, tmp_path: Path) -> list[str]:
    """The option of a configuration file for a cloud and a database without clusters."""
    for_cloud(url, tmp_path, timeout="20")
    path = tmp_path / "magnum_lite.conf"
    path.write_text(f"{path.read_text()}\n[database]\nconnection = sqlite:///{tmp_path}/db.sqlite\n")
    manage.run(["--config-file", str(path), "db", "upgrade"])
    return ["--config-file", str(path)]


def there_is(options: list[str], **labels: str) -> None:
    """Have there be a cluster with these labels."""
    cluster = a_cluster(labels=labels)
    cluster.driver = "k8s_fcos"
    for group in cluster.nodegroups:
        group.labels = dict(labels)
    with Store.from_conf(configuration.new([], options[1:])).write() as session:
        session.add(cluster)


def checked(options: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = manage.run([*options, "encryption", "check"])
    return code, capsys.readouterr().out.splitlines()


def test_it_tells_which_volume_types_are_encrypted(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = checked(options, capsys)

    assert code == 0
    assert "volume type encrypted is encrypted" in lines
    assert "volume type standard is NOT encrypted" in lines


def test_a_cluster_that_names_encrypted_types_alone_is_well(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    there_is(options, **dict.fromkeys(ALL, "encrypted"))

    code, lines = checked(options, capsys)

    assert (code, lines[-1]) == (0, "every cluster names encrypted volume types alone")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("standard", "etcd_volume_type is standard, which is NOT encrypted"),
        ("gone", "etcd_volume_type is gone, which the cloud does not have"),
        ("", "etcd_volume_type is not given, so its volumes are of the cloud's own choice"),
    ],
)
def test_a_cluster_with_volumes_in_clear_is_named_with_the_label(
    options: list[str], capsys: pytest.CaptureFixture[str], name: str, complaint: str
) -> None:
    there_is(options, **{**dict.fromkeys(ALL, "encrypted"), "etcd_volume_type": name})

    code, lines = checked(options, capsys)

    assert code == 1
    (line,) = (one for one in lines if one.startswith("cluster "))
    assert line.startswith("cluster k8s (")
    assert line.endswith(f"): {complaint}")
