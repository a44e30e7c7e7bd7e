# SPDX-License-Identifier: Apache-2.0
"""A document that this node cannot follow is refused before anything is touched, in words that say why."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.agent import boot, wish
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import BadDocument
from magnum_lite.nodeconf import Addon, Binary, CertificateRequest, File, Source, Unit, Upstream
from tests.agent.control_plane import ControlPlane
from tests.agent.nodes import Node, a_document

WITHOUT_DIGEST = "registry.example/etcd:v3.6.8"
STRANGE_REQUEST = CertificateRequest("kubelet", "front-proxy", "/etc/certs/kubelet", "system:node:n")
AN_UNSAFE_ADDON = Addon("calico", upstream=(Upstream(Source("http://mirror.example/calico.yaml", "1" * 64)),))


def a_binary(*, url: str = "https://mirror.example/x", sha256: str = "1" * 64, path: str = "/opt/x") -> Binary:
    return Binary("tool", {"amd64": Source(url, sha256)}, {"": path})


@pytest.fixture
def node(tmp_path: Path) -> Node:
    plane = ControlPlane()
    plane.url = "http://127.0.0.1:9511"
    node = Node(tmp_path, plane)
    node.boot()
    return node


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"node": "another"}, "the document is of node another"),
        ({"cluster": "another"}, "of cluster another, not of this one"),
        ({"generation": "1"}, "Invalid generation '1': it must be a number"),
        ({"files": (File("/etc/../../x", ""),)}, "Invalid path '/etc/../../x'"),
        ({"files": (File("/etc/x", "", 0o4755),)}, "file /etc/x: mode 0o4755 must be between 0 and 0o777"),
        ({"units": (Unit("../etcd.service", ""),)}, "Invalid unit name '../etcd.service'"),
        ({"units": (Unit("etcd", ""),)}, "Invalid unit name 'etcd'"),
        ({"units": (Unit("etcd.service", "", WITHOUT_DIGEST),)}, "Invalid image 'registry.example/etcd:v3.6.8'"),
        ({"units": (Unit("etcd.service", "", None, "soon"),)}, "unit etcd.service: ready 'soon' must be"),
        ({"binaries": (a_binary(path="/opt/../x"),)}, "Invalid path '/opt/../x'"),
        (
            {"binaries": (a_binary(url="http://mirror.example/x"),)},
            "binary tool: Invalid url 'http://mirror.example/x'",
        ),
        ({"binaries": (a_binary(sha256="1" * 63),)}, "binary tool: Invalid sha256 '" + "1" * 63),
        ({"addons": (AN_UNSAFE_ADDON,)}, "addon calico: Invalid url 'http://mirror.example/calico.yaml'"),
        ({"certificates": (STRANGE_REQUEST,)}, "unknown authority 'front-proxy'; known: etcd, kubernetes"),
        ({"authorities": {"kubernetes": "no PEM"}}, "the certificates of authority kubernetes cannot be read"),
        ({"authority_paths": {"other": "/etc/ca.crt"}}, "names the unknown authority 'other'"),
    ],
)
def test_a_document_that_cannot_be_followed_is_refused(node: Node, changes: dict[str, Any], complaint: str) -> None:
    document = a_document(node.plane, **changes)

    with pytest.raises(BadDocument) as refusal:
        wish.check(document, boot.read(Disk(node.root)), Disk(node.root))

    assert complaint in refusal.value.message


def test_a_name_too_long_for_a_certificate_is_refused(node: Node) -> None:
    whole = a_document(node.plane)
    request = replace(whole.certificates[0], common_name="system:node:" + "n" * 60)

    with pytest.raises(BadDocument, match="certificate kubelet cannot be asked for"):
        wish.check(replace(whole, certificates=(request,)), boot.read(Disk(node.root)), Disk(node.root))


def test_a_refused_document_leaves_the_disk_alone(plane: ControlPlane, tmp_path: Path) -> None:
    node = Node(tmp_path / "other", plane)
    node.boot()
    plane.document = a_document(plane, units=(Unit("etcd.service", "", WITHOUT_DIGEST),))

    node.agent().run(once=True)

    assert plane.states[-1] == "failed"
    assert not (node.root / "etc/kubernetes").exists()
