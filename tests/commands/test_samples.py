# SPDX-License-Identifier: Apache-2.0
"""The samples of configuration and policy that operators generate tell of every option and of every rule."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from magnum_lite import conf as configuration
from magnum_lite.api.policy import list_rules

TOP = Path(__file__).parents[2]
SECONDS = 120.0


def generate(program: str, settings: str, output: Path) -> str:
    command = [str(Path(sys.executable).parent / program), "--config-file", f"etc/magnum_lite/{settings}"]
    done = subprocess.run(
        [*command, "--output-file", str(output)], cwd=TOP, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return output.read_text()


def test_the_sample_of_the_configuration_has_every_option_of_ours_with_its_help(tmp_path: Path) -> None:
    text = generate("oslo-config-generator", "config-generator.conf", tmp_path / "sample")
    groups = {block.partition("]")[0]: block for block in text.split("\n[")}

    for group, options in configuration.list_opts():
        for option in options:
            assert f"\n#{option.dest} =" in groups[group], f"[{group}] {option.dest}"
            assert option.help, f"[{group}] {option.dest}"
    assert {"keystone_authtoken", "database", "oslo_messaging_rabbit", "oslo_policy"} <= groups.keys()


def test_the_sample_of_the_policy_has_every_rule_and_changes_none(tmp_path: Path) -> None:
    text = generate("oslopolicy-sample-generator", "policy-generator.conf", tmp_path / "policy.yaml")
    rules = yaml.safe_load("\n".join(line[1:] for line in text.splitlines() if line.startswith('#"')))

    assert {rule.name: rule.check_str for rule in list_rules()} == rules
    assert yaml.safe_load(text) is None
