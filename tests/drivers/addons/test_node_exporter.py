# SPDX-License-Identifier: Apache-2.0
"""The node exporter serves over TLS with its node's certificate, and sees of the node what it needs alone."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from magnum_lite.drivers.k8s_fcos.addons import node_exporter
from tests import lacking
from tests.drivers import clusters
from tests.drivers.addons import objects, rendered

NAME = "node-exporter"
SCRIPT = Path(node_exporter.__file__).parent / "scripts" / "copy-certificate"
SECONDS = 20.0


def test_it_serves_over_tls_alone() -> None:
    assert objects.settings(objects.addon(NAME), "web.json") == {
        "tls_server_config": {
            "cert_file": "/serving/serving.crt",
            "key_file": "/serving/serving.key",
            "min_version": "TLS12",
        }
    }
    assert "--web.config.file=/settings/web.json" in objects.container(objects.addon(NAME), NAME)["args"]


def test_every_node_has_a_certificate_for_its_own_address() -> None:
    cluster = clusters.a_built_cluster()
    found = {
        node.name: [one for one in rendered.requests(cluster, node) if one.profile == NAME] for node in cluster.nodes
    }

    assert {name: [(one.dns, one.ips) for one in ones] for name, ones in found.items()} == {
        node.name: [((node.name,), (str(node.address),))] for node in cluster.nodes
    }


def test_what_reads_the_node_s_files_is_not_root_and_what_is_root_sees_the_certificate_alone() -> None:
    one = objects.addon(NAME)
    exporter, copier = objects.container(one, NAME), objects.container(one, "certificate")

    assert exporter["securityContext"]["runAsUser"] == 65534
    assert {mount["name"] for mount in copier["volumeMounts"]} == {"settings", "node-serving", "serving"}
    assert {mount["name"] for mount in exporter["volumeMounts"] if not mount.get("readOnly")} == set()


def test_it_is_there_as_long_as_the_cluster_is_monitored() -> None:
    labels = {"monitoring_enabled": "false"}
    cluster = clusters.a_built_cluster(labels=labels)

    assert NAME not in rendered.addons(labels)
    assert NAME not in {one.profile for one in rendered.requests(cluster, cluster.workers[0])}


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Give a folder with a certificate and its key, and an empty one."""
    node, serving = tmp_path / "node", tmp_path / "serving"
    node.mkdir()
    serving.mkdir()
    (node / "serving.crt").write_text("first certificate")
    (node / "serving.key").write_text("first key")
    (node / "serving.key").chmod(0o600)
    return node, serving


def copies(serving: Path) -> list[str]:
    return [path.read_text() if path.exists() else "" for path in (serving / "serving.crt", serving / "serving.key")]


def await_copies(serving: Path, expected: list[str]) -> list[str]:
    end = time.monotonic() + SECONDS
    while copies(serving) != expected and time.monotonic() < end:
        time.sleep(0.02)
    return copies(serving)


def test_the_exporter_s_copy_follows_the_node_s_certificate(places: tuple[Path, Path]) -> None:
    node, serving = places
    with subprocess.Popen(["/bin/sh", str(SCRIPT), str(node), str(serving), "0.05"]) as copying:
        try:
            first = await_copies(serving, ["first certificate", "first key"])
            (node / "serving.crt").write_text("second certificate")
            second = await_copies(serving, ["second certificate", "first key"])
        finally:
            copying.send_signal(signal.SIGTERM)
            ended = copying.wait(SECONDS)

    assert (first, second) == (["first certificate", "first key"], ["second certificate", "first key"])
    assert ended == 0


def test_the_copy_of_the_key_is_its_group_s_to_read_and_nobody_s_to_write(places: tuple[Path, Path]) -> None:
    node, serving = places
    with subprocess.Popen(["/bin/sh", str(SCRIPT), str(node), str(serving), "60"]) as copying:
        await_copies(serving, ["first certificate", "first key"])
        copying.send_signal(signal.SIGTERM)

    assert (serving / "serving.key").stat().st_mode & 0o777 == 0o440


def test_a_node_without_a_certificate_stops_the_copying(places: tuple[Path, Path]) -> None:
    node, serving = places
    (node / "serving.key").unlink()
    done = subprocess.run(["/bin/sh", str(SCRIPT), str(node), str(serving), "60"], capture_output=True, timeout=SECONDS)

    assert done.returncode != 0


def test_shellcheck_finds_nothing() -> None:
    program = lacking.program("shellcheck")
    done = subprocess.run([program, str(SCRIPT)], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout) == (0, "")
