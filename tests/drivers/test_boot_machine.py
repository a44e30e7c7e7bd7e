# SPDX-License-Identifier: Apache-2.0
"""Every golden node, laid by the real Ignition engine, judged by systemd and shellcheck, made ready by the agent."""

import base64
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from magnum_lite.drivers import placeholders
from magnum_lite.model import Cluster, Node
from tests import lacking
from tests.agent.control_plane import ControlPlane
from tests.drivers import clusters, parts, told
from tests.drivers.machine import Machine, check, new_machine


def a_node(variant: str, kind: str) -> tuple[Cluster, Node]:
    template, request = parts.VARIANTS[variant]
    cluster = clusters.a_built_cluster(template, **request)
    return cluster, dict(placeholders.kinds(cluster))[kind]


NODES = [
    (variant, kind)
    for variant, (template, request) in parts.VARIANTS.items()
    for kind, _ in placeholders.kinds(clusters.a_cluster(template, **request))
]


@dataclass(frozen=True)
class Booted:
    """A node after its first boot, and what its agent did until it ended."""

    told: told.Told
    machine: Machine
    agent: subprocess.CompletedProcess[str]
    plane: ControlPlane


@pytest.fixture(scope="module", params=NODES, ids="-".join)
def booted(request: pytest.FixtureRequest) -> Iterator[Booted]:
    plane = ControlPlane()
    with plane.serving(), new_machine() as machine:
        node_told = told.what(*a_node(*request.param), plane)
        machine.boot(node_told.user_data)
        yield Booted(node_told, machine, machine.look_after(), plane)


def test_the_agent_makes_a_node_ready(booted: Booted) -> None:
    assert (booted.agent.returncode, booted.plane.states[-1:]) == (0, ["ready"]), booted.agent.stdout


def test_a_node_has_the_files_it_is_told_of_and_no_others(booted: Booted) -> None:
    assert booted.machine.files() == told.every_path(booted.told)


def test_systemd_finds_nothing_wrong_with_the_units_of_a_node(booted: Booted) -> None:
    booted.machine.check_units()


def test_shellcheck_finds_nothing_wrong_with_the_scripts_of_a_node(booted: Booted) -> None:
    assert booted.machine.scripts()
    for script in booted.machine.scripts():
        check(lacking.program("shellcheck"), str(script))


def test_what_a_node_does_not_need_is_masked(booted: Booted) -> None:
    units = booted.machine.root / "etc/systemd/system"
    masked = {path.name for path in units.iterdir() if path.is_symlink() and str(path.readlink()) == "/dev/null"}

    assert {"docker.service", "docker.socket"} < masked
    assert masked.isdisjoint(booted.machine.units())


def test_what_a_server_is_handed_fits_into_what_nova_takes(booted: Booted) -> None:
    handed = base64.b64encode(json.dumps(booted.told.user_data).encode())

    # Nova takes 65535 bytes (its API, user_data); half of them are left to those who add something.
    assert len(handed) < 65535 // 2
