# SPDX-License-Identifier: Apache-2.0
"""A document that changes, and a node that changed by itself: what is touched, and what is left alone."""

import stat
from dataclasses import replace

from magnum_lite.nodeconf import File
from tests.agent.authority import Authority
from tests.agent.control_plane import ControlPlane
from tests.agent.nodes import ETCD_IMAGE, KUBELET, Node, a_document


def test_a_unit_that_died_runs_again_at_the_next_look(plane: ControlPlane, node: Node) -> None:
    node.poll_seconds = 0.01
    node.boot()
    agent = node.agent()
    agent.turn()
    node.host.stop("kubelet.service")

    node.pace.wait(0.06)
    agent.turn()

    assert node.starts() == {"prepare.service": 1, "etcd.service": 1, "kubelet.service": 2}
    assert plane.states[-2:] == ["ready", "ready"]


def test_a_changed_file_restarts_the_units_that_read_it_and_no_other(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    files = {file.path: file for file in plane.document.files}
    changed = replace(files["/etc/kubernetes/kubelet.json"], content='{"address": "0.0.0.0"}\n')
    files[changed.path] = changed
    plane.document = replace(plane.document, generation=2, files=tuple(files.values()))

    agent.turn()

    # The unit names kubelet.env, and kubelet.env names kubelet.json.
    assert node.starts() == {"prepare.service": 1, "etcd.service": 1, "kubelet.service": 2}
    assert [(report["state"], report["generation"]) for report in plane.reports[-2:]] == [
        ("configuring", 2),
        ("ready", 2),
    ]


def test_a_new_image_restarts_its_unit(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    image = "registry.example/etcd:v3.6.9@sha256:" + "f" * 64
    units = tuple(replace(unit, image=image) if unit.image == ETCD_IMAGE else unit for unit in plane.document.units)
    plane.document = replace(plane.document, generation=2, units=units)

    agent.turn()

    assert node.starts() == {"prepare.service": 1, "etcd.service": 2, "kubelet.service": 1}
    assert node.machine()["units"]["etcd.service"]["image"] == image


def test_units_and_files_that_left_the_document_are_removed(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    files = tuple(file for file in plane.document.files if file.path != "/etc/etcd/etcd.env")
    units = tuple(unit for unit in plane.document.units if unit.name != "etcd.service")
    plane.document = replace(plane.document, generation=2, files=files, units=units)

    agent.turn()

    assert set(node.starts()) == {"prepare.service", "kubelet.service"}
    assert not (node.root / "etc/systemd/system/etcd.service").exists()
    assert not (node.root / "etc/etcd/etcd.env").exists()
    assert (node.root / "etc/magnum-lite/node.json").exists()


def test_a_renewed_certificate_keeps_its_key_and_restarts_its_unit(plane: ControlPlane, node: Node) -> None:
    plane.authorities["etcd"].begun_days, plane.authorities["etcd"].valid_days = 10.0, 4.0
    node.agent().run(once=True)
    key, old = node.read("/etc/etcd/certs/server.key"), node.read("/etc/etcd/certs/server.crt")
    plane.authorities["etcd"].begun_days, plane.authorities["etcd"].valid_days = 0.0, 365.0

    node.agent().run(once=True)

    assert node.read("/etc/etcd/certs/server.key") == key
    assert node.read("/etc/etcd/certs/server.crt") != old
    assert plane.signed == ["kubelet", "etcd", "etcd"]
    assert node.starts() == {"prepare.service": 1, "etcd.service": 2, "kubelet.service": 1}


def test_a_newer_document_ends_the_way_to_the_old_one(plane: ControlPlane, node: Node) -> None:
    node.poll_seconds = 0.05
    node.boot()
    node.trouble(start_seconds=60)
    plane.document = a_document(plane, units=plane.document.units[1:])
    newer = a_document(plane, generation=2, units=plane.document.units[1:])

    def hand_out_newer(route: str) -> None:
        if plane.requests.count("document") == 3:
            plane.document = newer

    plane.before = hand_out_newer
    agent = node.agent(ready_seconds=30)
    pauses = [agent.turn(), agent.turn()]

    assert pauses[0] == 0.0
    assert [(one["state"], one["generation"]) for one in plane.reports][-1] == ("ready", 2)


def test_an_authority_that_changed_gets_new_certificates_for_the_old_keys(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    key = node.read("/etc/etcd/certs/server.key")
    plane.authorities["etcd"] = Authority("etcd-ca-2")
    plane.document = replace(a_document(plane), generation=2)

    agent.turn()

    assert plane.states[-1] == "ready"
    assert plane.signed == ["kubelet", "etcd", "etcd"]
    assert node.read("/etc/etcd/certs/server.key") == key


def test_a_new_file_may_lie_where_none_was(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    extra = File("/opt/deep/below/new.conf", "new\n", 0o640)
    plane.document = replace(plane.document, generation=2, files=(*plane.document.files, extra))

    agent.turn()

    assert node.read(extra.path) == "new\n"
    assert stat.S_IMODE((node.root / "opt/deep/below/new.conf").stat().st_mode) == 0o640


def test_a_new_program_restarts_the_units_that_run_it_and_no_other(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    newer = {name: replace(source, sha256="3" * 64) for name, source in KUBELET.sources.items()}
    plane.document = replace(plane.document, generation=2, binaries=(replace(KUBELET, sources=newer),))

    agent.turn()

    assert plane.states[-1] == "ready"
    assert node.starts() == {"prepare.service": 1, "etcd.service": 1, "kubelet.service": 2}


def test_a_program_that_somebody_changed_is_replaced_and_its_unit_restarted(plane: ControlPlane, node: Node) -> None:
    node.agent().run(once=True)
    laid = node.read("/usr/local/bin/kubelet")
    node.write("/usr/local/bin/kubelet", "evil")

    node.agent().run(once=True)

    assert node.read("/usr/local/bin/kubelet") == laid
    assert node.starts() == {"prepare.service": 1, "etcd.service": 1, "kubelet.service": 2}


def test_a_program_that_left_the_document_is_removed(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    plane.document = replace(plane.document, generation=2, binaries=())

    agent.turn()

    assert plane.states[-1] == "ready"
    assert not (node.root / "usr/local/bin/kubelet").exists()


def test_what_was_a_program_may_become_a_file(plane: ControlPlane, node: Node) -> None:
    agent = node.agent()
    agent.turn()
    script = File("/usr/local/bin/kubelet", "#!/bin/true\n", 0o755)
    plane.document = replace(plane.document, generation=2, binaries=(), files=(*plane.document.files, script))

    agent.turn()

    assert node.read("/usr/local/bin/kubelet") == "#!/bin/true\n"
