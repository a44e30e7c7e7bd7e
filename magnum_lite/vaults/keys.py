# SPDX-License-Identifier: Apache-2.0
"""The key file of the database vault: Fernet keys, one a line; the first encrypts, the others only decrypt."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

from magnum_lite.errors import ConfigurationError

_OTHERS = stat.S_IRWXG & ~stat.S_IRGRP | stat.S_IRWXO


def load(path: Path) -> MultiFernet:
    """Read the keys; raise ``ConfigurationError`` when the file is missing, open to others, or not of keys."""
    keys = _read(path)
    if not keys:
        raise ConfigurationError(f"The vault's key file {path} holds no key")
    fernets = []
    for number, key in enumerate(keys, start=1):
        try:
            fernets.append(Fernet(key))
        except ValueError as error:
            raise ConfigurationError(f"Key {number} of the vault's key file {path} is not a Fernet key") from error
    return MultiFernet(fernets)


def make(path: Path) -> None:
    """Make a key file with one new key that only its owner may read; raise ``ConfigurationError`` if there is one."""
    try:
        _write(path, [Fernet.generate_key().decode()])
    except FileExistsError as error:
        raise ConfigurationError(f"The vault's key file {path} exists already") from error


def prepend(path: Path) -> None:
    """Put a new key before the known ones, so that it encrypts from the next start on."""
    keys = [Fernet.generate_key().decode(), *_read(path)]
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    _write(fresh, keys)
    status = path.stat()
    os.chown(fresh, status.st_uid, status.st_gid)
    fresh.chmod(stat.S_IMODE(status.st_mode))
    fresh.replace(path)


def _read(path: Path) -> list[str]:
    try:
        with path.open(encoding="ascii") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The vault's key file {path} cannot be read: {error}") from error
    if mode & _OTHERS:
        raise ConfigurationError(f"The vault's key file {path} has mode {mode:04o}; allowed are 0600, 0640 and less")
    return [line.strip() for line in lines if line.strip()]


def _write(path: Path, keys: list[str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
