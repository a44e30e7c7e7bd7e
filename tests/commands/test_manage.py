# SPDX-License-Identifier: Apache-2.0
"""magnum-lite-manage and magnum-lite-status do what they say, on a database of their own."""

import stat
from pathlib import Path

import pytest

from magnum_lite.cmd import manage, status
from magnum_lite.errors import ConfigurationError


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

    assert capsys.readouterr().out.splitlines() == ["empty", "schema: empty -> 0001", "0001"]


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
    assert status.run([*options, "upgrade", "check"]) == 0
