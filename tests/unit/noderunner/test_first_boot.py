# SPDX-License-Identifier: Apache-2.0
"""What an Ignition config lays out on a server's disk."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnum_lite.noderunner import first_boot


def data_url(content: bytes, kind: str = "base64") -> str:
    if kind == "base64":
        return "data:;base64," + base64.b64encode(content).decode()
    return "data:," + "".join(f"%{byte:02X}" for byte in content)


def config(**parts: Any) -> dict[str, Any]:
    return {"ignition": {"version": "3.4.0"}, **parts}


def files(*entries: dict[str, Any]) -> dict[str, Any]:
    return config(storage={"files": list(entries)})


@given(st.binary(max_size=200), st.sampled_from(["base64", "percent"]), st.booleans())
def test_any_content_comes_out_as_it_went_in(content: bytes, kind: str, packed: bool) -> None:
    source = data_url(gzip.compress(content) if packed else content, kind)
    digest = "sha256-" + hashlib.sha256(content).hexdigest()
    resource = {"source": source, "compression": "gzip" if packed else "", "verification": {"hash": digest}}

    assert first_boot.content_of(resource, "here") == content


def test_files_have_their_mode_and_content(tmp_path: Path) -> None:
    secret = {"path": "/etc/magnum-lite/node.json", "mode": 0o600, "contents": {"source": data_url(b"{}")}}
    plain = {"path": "/etc/motd", "contents": {"source": "data:,hello%20you"}, "append": [{"source": "data:,!"}]}

    first_boot.lay_out(files(secret, plain), tmp_path)

    assert (tmp_path / "etc/magnum-lite/node.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "etc/motd").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "etc/motd").read_text() == "hello you!"


def test_folders_links_and_units(tmp_path: Path) -> None:
    storage = {
        "directories": [{"path": "/var/lib/etcd", "mode": 0o700}],
        "links": [{"path": "/etc/localtime", "target": "/usr/share/zoneinfo/UTC"}],
    }
    dropins = [{"name": "a.conf", "contents": "x"}]
    units = [
        {"name": "agent.service", "enabled": True, "contents": "[Service]", "dropins": dropins},
        {"name": "zincati.service", "mask": True},
    ]

    first_boot.lay_out(config(storage=storage, systemd={"units": units}), tmp_path)

    system = tmp_path / "etc/systemd/system"
    assert (tmp_path / "var/lib/etcd").stat().st_mode & 0o777 == 0o700
    assert str((tmp_path / "etc/localtime").readlink()) == "/usr/share/zoneinfo/UTC"
    assert (system / "agent.service").read_text() == "[Service]"
    assert (system / "agent.service.d/a.conf").read_text() == "x"
    assert (system / "multi-user.target.wants/agent.service").is_symlink()
    assert str((system / "zincati.service").readlink()) == "/dev/null"


def test_a_merged_config_comes_first(tmp_path: Path) -> None:
    inner = files({"path": "/etc/a", "contents": {"source": "data:,inner"}})
    outer = files({"path": "/etc/a", "overwrite": True, "contents": {"source": "data:,outer"}})
    outer["ignition"]["config"] = {"merge": [{"source": data_url(json.dumps(inner).encode())}]}

    first_boot.lay_out(outer, tmp_path)

    assert (tmp_path / "etc/a").read_text() == "outer"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"path": "etc/a"}, "'etc/a' is not an absolute path"),
        ({"path": "/../a"}, "is not an absolute path"),
        ({"path": "/a", "contents": {"source": "https://example.org/a"}}, "is not a data: URL"),
        ({"path": "/a", "contents": {"source": "data:;base64,???"}}, "/a: the content cannot be unpacked"),
        ({"path": "/a", "contents": {"source": "data:,x", "compression": "gzip"}}, "cannot be unpacked"),
        (
            {"path": "/a", "contents": {"source": "data:,x", "verification": {"hash": "sha512-0"}}},
            "does not have",
        ),
        ({"path": "/a", "contents": {"source": "data:,x", "verification": {"hash": "md5-0"}}}, "neither sha256-"),
        ({"path": "/out/a"}, "leads out of the server's disk"),
    ],
)
def test_what_cannot_be_laid_out_is_named(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)

    with pytest.raises(first_boot.BadConfig, match=re.escape(words)):
        first_boot.lay_out(files(entry), root)


def test_a_file_is_not_overwritten_unless_it_says_so(tmp_path: Path) -> None:
    entry = {"path": "/a", "contents": {"source": "data:,x"}}

    with pytest.raises(first_boot.BadConfig, match="overwrite is not set"):
        first_boot.lay_out(files(entry, entry), tmp_path)


@pytest.mark.parametrize("text", [None, "", "?", "I2Nsb3VkLWNvbmZpZw==", "W10="])
def test_other_user_data_is_no_config(text: str | None) -> None:
    assert first_boot.read_config(text) is None
