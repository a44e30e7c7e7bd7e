# SPDX-License-Identifier: Apache-2.0
"""magnum-lite-manage and magnum-lite-status do what they say, on a database of their own."""

import json
import stat
from pathlib import Path

import pytest

from magnum_lite.cmd import manage, status
from magnum_lite.errors import ConfigurationError, NotFound
from magnum_lite.store import schema
from tests import pins


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """A configuration file's option, with nothing prepared yet."""
    path = tmp_path / "magnum_lite.conf"
    path.write_text(
        f"[database]\nconnection = sqlite:///{tmp_path}/db.sqlite\n[vault]\nkey_file = {tmp_path}/vault.keys\n"
    )
    return ["--config-file", str(path)]


def test_an_upgrade_makes_the_schema_and_tells_its_revision(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert manage.run([*options, "db", "version"]) == 0
    assert manage.run([*options, "db", "upgrade"]) == 0
    assert manage.run([*options, "db", "version"]) == 0

    newest = schema.newest()
    assert capsys.readouterr().out.splitlines() == ["empty", f"schema: empty -> {newest}", newest]


def test_a_new_key_is_readable_by_its_owner_only_and_a_second_one_comes_first(
    options: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "vault.keys"
    manage.run([*options, "vault", "new-key"])
    first = path.read_text()
    manage.run([*options, "vault", "new-key"])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().splitlines()[1:] == first.splitlines()


def test_rotating_needs_a_key_and_says_so(options: list[str]) -> None:
    manage.run([*options, "db", "upgrade"])

    with pytest.raises(ConfigurationError, match=r"vault\.keys"):
        manage.run([*options, "vault", "rotate"])


def test_rotating_tells_how_many_secrets_it_encrypted(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    manage.run([*options, "db", "upgrade"])
    manage.run([*options, "vault", "new-key"])
    manage.run([*options, "vault", "rotate"])

    assert capsys.readouterr().out.splitlines()[-1] == "0 secret(s) encrypted anew"


def test_the_upgrade_check_names_what_is_missing_until_all_is_there(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status.run([*options, "upgrade", "check"]) == 2
    told = " ".join(capsys.readouterr().out.replace("|", " ").split()).replace("- ", "-")
    assert "run magnum-lite-manage db upgrade" in told
    assert "vault.keys" in told

    manage.run([*options, "db", "upgrade"])
    manage.run([*options, "vault", "new-key"])
    assert status.run([*options, "upgrade", "check"]) == 1
    told = " ".join(capsys.readouterr().out.replace("|", " ").split()).replace("- ", "-")
    assert "No cluster can be made of release v1.34.7 as long as calico-node, calico-cni," in told

    path = Path(options[1])
    path.write_text(f"{path.read_text()}[releases]\ndirectories = {pins.directory()}\n")
    assert status.run([*options, "upgrade", "check"]) == 0


def test_labels_are_printed_with_what_they_take(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.run([*options, "labels"]) == 0
    printed = capsys.readouterr().out

    assert "k8s_fcos etcd_volume_size: Keep etcd on a volume of this size; 0: on the boot disk.\n" in printed
    assert "    size, takes a whole number of GiB from 0 to 16384; default: 0\n" in printed
    assert "    boolean, takes true or false; default: depends on other settings\n" in printed
    assert "Known to Magnum and without effect here: admission_control_list, " in printed


def test_labels_as_json_are_those_of_the_api(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    manage.run([*options, "labels", "--driver", "k8s_fcos", "--format", "json"])
    printed = json.loads(capsys.readouterr().out)

    assert printed["labels"][0].keys() == {"driver", "name", "type", "default", "takes", "help"}
    assert printed["labels"][0]["name"] == "kube_tag"
    assert printed["known_upstream"][0].keys() == {"name", "sentence"}


def test_labels_for_the_documentation_are_one_table_per_driver_without_stray_markup(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    manage.run([*options, "labels", "--format", "rst"])
    lines = capsys.readouterr().out.splitlines()

    assert lines[:2] == [".. list-table:: Labels of the driver k8s\\_fcos", "   :header-rows: 1"]
    assert "   * - ``docker_volume_type``" in lines
    assert "     - The volume type of the volumes that docker\\_volume\\_size asks for." in lines


def test_labels_of_a_driver_that_is_not_there_are_refused_with_those_that_are(options: list[str]) -> None:
    with pytest.raises(NotFound, match=r"Driver mesos \(there are k8s_fcos, noop\) could not be found"):
        manage.run([*options, "labels", "--driver", "mesos"])
