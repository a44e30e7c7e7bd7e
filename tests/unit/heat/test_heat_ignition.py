# SPDX-License-Identifier: Apache-2.0
"""Ignition configuration holds files and units exactly as they are."""

import base64
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from magnum_lite.heat import ignition


@given(st.text(st.characters(codec="utf-8")))
def test_any_content_comes_back_as_it_was(content: str) -> None:
    laid = ignition.file("/etc/x", content, 0o600)

    source = laid["contents"]["source"]  # type: ignore[index]
    assert base64.b64decode(source.removeprefix("data:;base64,")).decode() == content
    assert (laid["mode"], laid["overwrite"]) == (384, True)


def test_a_file_lands_where_it_stands_and_a_script_may_be_run(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "plain").write_text("x")
    (tmp_path / "etc" / "script").write_text("#!/bin/sh\n")

    found = ignition.files(tmp_path)

    assert [(one["path"], one["mode"]) for one in found] == [("/etc/plain", 0o644), ("/etc/script", 0o755)]


def test_a_unit_is_enabled_if_it_can_be_installed(tmp_path: Path) -> None:
    (tmp_path / "a.service").write_text("[Unit]\n\n[Install]\nWantedBy=multi-user.target\n")
    (tmp_path / "b.service").write_text("[Unit]\n# no [Install] here\n")

    assert [(one["name"], one["enabled"]) for one in ignition.units(tmp_path)] == [
        ("a.service", True),
        ("b.service", False),
    ]


def test_the_same_configuration_packs_to_the_same_text_and_comes_back() -> None:
    configuration = ignition.config([ignition.file("/etc/x", "y")], [], {"core": ["ssh-ed25519 AAAA"], "root": []})

    assert ignition.packed(configuration) == ignition.packed(configuration)
    assert ignition.unpacked(ignition.packed(configuration)) == configuration
    assert configuration["passwd"] == {"users": [{"name": "core", "sshAuthorizedKeys": ["ssh-ed25519 AAAA"]}]}
