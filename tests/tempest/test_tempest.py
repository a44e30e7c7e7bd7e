# SPDX-License-Identifier: Apache-2.0
"""OpenStack's own test suite for Magnum's API, against our API on devcloud."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.system.processes import of_an_installer
from tests.system.real_cloud import ROOT, RealCloud

HERE = Path(__file__).parent
VENV = ROOT / ".magnum-lite" / "tempest-venv"
SECONDS = 900
OUTCOME = re.compile(r"^\{\d+\} (\S+) \[[\d.]+s\] \.\.\. (ok|FAILED|SKIPPED)", re.MULTILINE)


@pytest.fixture(scope="module")
def outcomes(devcloud: RealCloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run all tests of the plug-in once; give each one's outcome."""
    folder = tmp_path_factory.mktemp("tempest")
    subprocess.run(
        [str(ROOT / "tools/environment"), "--alone", str(VENV.relative_to(ROOT)), "tests/tempest/requirements.txt"],
        env=of_an_installer(),
        check=True,
        timeout=SECONDS,
    )
    values = {**devcloud.state, "folder": str(folder)}
    text = re.sub(r"\$\{(\w+)\}", lambda name: str(values[name[1]]), (HERE / "tempest.conf").read_text())
    for name in ("etc", "locks", "logs"):
        (folder / name).mkdir()
    (folder / "etc" / "tempest.conf").write_text(text)
    discover = next((VENV / "lib").glob("python*/site-packages/tempest/test_discover"))
    (folder / ".stestr.conf").write_text(f"[DEFAULT]\ntest_path={discover}\ntop_dir={discover.parents[1]}\n")
    words = ["run", "--config-file", str(folder / "etc" / "tempest.conf"), "--regex", "magnum_tempest_plugin"]
    done = subprocess.run(
        [str(VENV / "bin" / "tempest"), *words, "--concurrency", "2"],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "TEMPEST_CONFIG_DIR": str(folder / "etc"),
            "TEMPEST_CONFIG": "tempest.conf",
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    found = {match[1]: match[2] for match in OUTCOME.finditer(done.stdout)}
    assert found, done.stdout[-3000:] + done.stderr[-3000:]
    return found


def test_all_tests_of_the_plug_in_pass_but_those_that_its_own_defects_rule_out(outcomes: dict[str, str]) -> None:
    expected = yaml.safe_load((HERE / "exceptions.yaml").read_text())

    assert {name for name, outcome in outcomes.items() if outcome != "ok"} == set(expected)
    assert len(outcomes) == 60
