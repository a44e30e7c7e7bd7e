# SPDX-License-Identifier: Apache-2.0
"""A server's first boot: lay out what its Ignition config says below a folder that stands for its disk."""

import base64
import contextlib
import gzip
import hashlib
import json
import pathlib
import urllib.parse
from typing import Any

DEFAULT_MODE = 0o644
DEFAULT_FOLDER_MODE = 0o755
DEPTH = 5
UNITS = "etc/systemd/system"


class BadConfig(Exception):
    """An Ignition config that cannot be laid out; the sentence names the place."""


def read_config(user_data: str | None) -> dict[str, Any] | None:
    """Give the Ignition config in base64 user data, or None when it is something else."""
    with contextlib.suppress(ValueError):
        found = json.loads(base64.b64decode(user_data or "", validate=True))
        if isinstance(found, dict) and isinstance(found.get("ignition"), dict):
            return found
    return None


def lay_out(config: dict[str, Any], root: pathlib.Path, depth: int = 0) -> None:
    """Write the config's folders, files, links and units below the root, merged configs first."""
    if depth > DEPTH:
        raise BadConfig(f"ignition.config.merge: more than {DEPTH} configs inside one another")
    for source in config["ignition"].get("config", {}).get("merge", []):
        merged = json.loads(content_of(source, "ignition.config.merge"))
        lay_out(merged, root, depth + 1)
    storage = config.get("storage", {})
    for folder in storage.get("directories", []):
        place = _place(root, folder["path"])
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(folder.get("mode", DEFAULT_FOLDER_MODE))
    for file in storage.get("files", []):
        _write_file(root, file)
    for link in storage.get("links", []):
        _make_link(root, link)
    for unit in config.get("systemd", {}).get("units", []):
        _write_unit(root, unit)


def content_of(resource: dict[str, Any], where: str) -> bytes:
    """Give the bytes of a resource whose source is a data: URL, unpacked, and checked where it has a hash."""
    source = resource.get("source") or "data:,"
    if not source.startswith("data:"):
        raise BadConfig(f"{where}: the source {source[:60]!r} is not a data: URL; nothing is fetched here")
    header, comma, text = source.removeprefix("data:").partition(",")
    if not comma:
        raise BadConfig(f"{where}: the data: URL has no comma")
    data = urllib.parse.unquote_to_bytes(text)
    try:
        data = base64.b64decode(data, validate=True) if header.endswith(";base64") else data
        data = gzip.decompress(data) if resource.get("compression") == "gzip" else data
    except (ValueError, OSError, EOFError) as error:
        raise BadConfig(f"{where}: the content cannot be unpacked: {error}") from error
    _check_hash(data, resource.get("verification", {}).get("hash"), where)
    return data


def _check_hash(data: bytes, wanted: str | None, where: str) -> None:
    if not wanted:
        return
    kind, _, digest = wanted.partition("-")
    if kind not in ("sha256", "sha512"):
        raise BadConfig(f"{where}: the hash {wanted[:20]!r} is neither sha256- nor sha512-")
    if hashlib.new(kind, data).hexdigest() != digest:
        raise BadConfig(f"{where}: the content does not have the {kind} {digest}")


def _write_file(root: pathlib.Path, file: dict[str, Any]) -> None:
    place = _place(root, file["path"])
    if place.exists() and "contents" in file and not file.get("overwrite"):
        raise BadConfig(f"{file['path']}: the file is there already, and overwrite is not set")
    place.parent.mkdir(parents=True, exist_ok=True)
    data = content_of(file["contents"], file["path"]) if "contents" in file else b""
    parts = [content_of(one, file["path"]) for one in file.get("append", [])]
    kept = place.read_bytes() if place.exists() and "contents" not in file else b""
    place.touch(mode=0o600)
    place.chmod(file.get("mode", DEFAULT_MODE))
    place.write_bytes(b"".join([kept, data, *parts]))


def _make_link(root: pathlib.Path, link: dict[str, Any]) -> None:
    place = _place(root, link["path"])
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink() or place.exists():
        place.unlink()
    if link.get("hard"):
        place.hardlink_to(_place(root, link["target"]))
    else:
        place.symlink_to(link["target"])


def _write_unit(root: pathlib.Path, unit: dict[str, Any]) -> None:
    """Write a unit and its drop-ins; an enabled one is linked where multi-user.target wants it."""
    place = _place(root, f"/{UNITS}/{unit['name']}")
    place.parent.mkdir(parents=True, exist_ok=True)
    if unit.get("mask"):
        place.symlink_to("/dev/null")
        return
    if unit.get("contents") is not None:
        place.write_text(unit["contents"])
    for dropin in unit.get("dropins", []):
        folder = place.with_name(f"{place.name}.d")
        folder.mkdir(exist_ok=True)
        (folder / dropin["name"]).write_text(dropin.get("contents") or "")
    if unit.get("enabled"):
        wants = place.with_name("multi-user.target.wants")
        wants.mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (wants / unit["name"]).symlink_to(f"/{UNITS}/{unit['name']}")


def _place(root: pathlib.Path, path: str) -> pathlib.Path:
    """Give where a path of the server lies below its root; nothing leads out of it."""
    parts = pathlib.PurePosixPath(path).parts
    if not path.startswith("/") or ".." in parts:
        raise BadConfig(f"{path!r} is not an absolute path without ..")
    place = root.joinpath(*parts[1:])
    if not place.parent.resolve().is_relative_to(root.resolve()):
        raise BadConfig(f"{path!r} leads out of the server's disk")
    return place
