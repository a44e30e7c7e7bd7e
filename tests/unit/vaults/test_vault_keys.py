# SPDX-License-Identifier: Apache-2.0
"""The key file of the database vault."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

from magnum_lite.errors import ConfigurationError
from magnum_lite.vaults import keys


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "vault.keys"
    keys.make(path)
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_key_file_is_for_its_owner_only(path: Path) -> None:
    assert mode_of(path) == 0o600


def test_a_key_file_is_never_made_over_another(path: Path) -> None:
    before = path.read_text()

    with pytest.raises(ConfigurationError, match="exists already"):
        keys.make(path)

    assert before == path.read_text()


def test_what_one_load_encrypts_the_next_decrypts(path: Path) -> None:
    assert keys.load(path).decrypt(keys.load(path).encrypt(b"secret")) == b"secret"


def test_a_prepended_key_encrypts_and_the_old_one_still_decrypts(path: Path) -> None:
    before = keys.load(path)
    keys.prepend(path)
    after = keys.load(path)

    assert after.decrypt(before.encrypt(b"old")) == b"old"
    with pytest.raises(InvalidToken):
        before.decrypt(after.encrypt(b"new"))


def test_a_prepended_file_keeps_its_mode(path: Path) -> None:
    path.chmod(0o640)

    keys.prepend(path)

    assert mode_of(path) == 0o640


def test_a_prepend_that_was_cut_does_not_stop_the_next(path: Path) -> None:
    (path.parent / f".{path.name}.new").write_text("half a k")

    keys.prepend(path)

    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o660, 0o666])
def test_a_file_open_to_others_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)

    with pytest.raises(ConfigurationError, match=f"has mode 0{mode:o}"):
        keys.load(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "holds no key"),
        ("\n\n", "holds no key"),
        ("not-a-key\n", "Key 1 .* is not a Fernet key"),
        ("é", "cannot be read"),
    ],
)
def test_a_file_without_proper_keys_is_refused(path: Path, content: str, reason: str) -> None:
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=reason):
        keys.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.keys cannot be read"):
        keys.load(tmp_path / "nowhere.keys")
