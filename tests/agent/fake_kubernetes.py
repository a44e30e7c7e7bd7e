# SPDX-License-Identifier: Apache-2.0
"""A small API server over mutual TLS: it knows some kinds, keeps objects, and fails when it is told to."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from magnum_lite.agent.disk import Disk
from tests.agent.authority import Authority
from tests.agent.served import served

PATH = re.compile(
    r"/(?:api|apis)/(?P<version>v1|[a-z0-9.]+/v\w+)(?:/namespaces/(?P<space>[^/]+))?(?:/(?P<name>[^/]+))?(?:/(?P<item>[^/]+))?"
)
KUBECONFIG = "/etc/kubernetes/addons.kubeconfig"
PAGE = 2

# Version to the words and kinds it has, and whether they live in namespaces.
KINDS: dict[str, dict[str, tuple[str, bool]]] = {
    "v1": {
        "configmaps": ("ConfigMap", True),
        "namespaces": ("Namespace", False),
        "nodes": ("Node", False),
        "secrets": ("Secret", True),
        "services": ("Service", True),
    },
    "apps/v1": {"deployments": ("Deployment", True)},
    "rbac.authorization.k8s.io/v1": {"clusterrolebindings": ("ClusterRoleBinding", False)},
    "apiextensions.k8s.io/v1": {"customresourcedefinitions": ("CustomResourceDefinition", False)},
}

Key = tuple[str, str, str, str]


@functools.cache
def _pair(authority: Authority) -> str:
    """Make an authority's key and certificate once: new keys are slow."""
    return authority.server_pair("127.0.0.1")


class FakeKubernetes:
    """``refusals`` holds the answers (code, message) to the next calls that are no discovery; ``calls`` are all it got.

    A definition of kinds is established after ``looks_until_established`` looks at it.
    """

    def __init__(self) -> None:
        self.objects: dict[Key, dict[str, Any]] = {}
        self.kinds = {version: dict(words) for version, words in KINDS.items()}
        self.refusals: deque[tuple[int, str]] = deque()
        self.calls: list[str] = []
        self.managers: set[str] = set()
        self.looks_until_established = 0
        self.hang_up = False
        self.refuse_next_apply_of: tuple[str, int, str] | None = None
        self._answers_left: int | None = None
        self._is_answer_lost = False
        self.port = 0

    def fail_after(self, calls: int, *, is_answer_lost: bool) -> None:
        """Answer so many calls and then no more; the first of those may be done all the same."""
        self._answers_left, self._is_answer_lost = calls, is_answer_lost

    def recover(self) -> None:
        self._answers_left = None

    def kubeconfig(self, disk: Disk, authority: Authority, client: Authority) -> str:
        """Lay a kubeconfig and its files on a node's disk, and give its path."""
        pair = _pair(client)
        disk.write("/etc/kubernetes/pki/kubernetes-ca.crt", authority.pem)
        disk.write("/etc/kubernetes/pki/addons.key", pair, 0o600)
        disk.write("/etc/kubernetes/pki/addons.crt", pair[pair.index("-----BEGIN CERTIFICATE") :])
        found = {
            "clusters": [
                {
                    "cluster": {
                        "server": f"https://127.0.0.1:{self.port}",
                        "certificate-authority": "/etc/kubernetes/pki/kubernetes-ca.crt",
                    }
                }
            ],
            "users": [
                {
                    "user": {
                        "client-certificate": "/etc/kubernetes/pki/addons.crt",
                        "client-key": "/etc/kubernetes/pki/addons.key",
                    }
                }
            ],
        }
        disk.write(KUBECONFIG, json.dumps(found), 0o600)
        return KUBECONFIG

    @contextlib.contextmanager
    def serving(self, authority: Authority, folder: Path) -> Iterator[FakeKubernetes]:
        """Serve on a free loopback port to clients whose certificate is the authority's."""
        own = folder / "server.pem"
        own.write_text(_pair(authority))
        handler = type("Handler", (_Handler,), {"fake": self})
        with served(handler, key_and_certificate=own, client_authority=authority.pem) as self.port:
            yield self

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Any]:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.calls.append(f"{method} {unquote(parts.path)}")
        match = PATH.fullmatch(parts.path)
        assert match, target
        version, space, word, item = (unquote(one or "") for one in match.groups())
        if version not in self.kinds:
            return _status(404, "the server could not find the requested resource")
        if not word and not space:
            return 200, {"resources": [*_resources(self.kinds[version])]}
        if not word:
            word, item, space = "namespaces", space, ""
        elif not item and method != "GET":
            return _status(405, "method not allowed")
        if self.refusals:
            return _status(*self.refusals.popleft())
        if self._answers_left is not None:
            self._answers_left -= 1
        if self._answers_left is not None and self._answers_left < 0:
            if self._is_answer_lost and item:
                self._one(method, (version, word, space, item), query, headers, body)
            self._is_answer_lost = False
            return _status(503, "etcdserver: no leader")
        if word not in self.kinds[version]:
            return _status(404, "the server could not find the requested resource")
        if not item:
            return self._list(version, word, query, headers)
        return self._one(method, (version, word, space, item), query, headers, body)

    def _one(self, method: str, key: Key, query: dict[str, str], headers: Any, body: bytes) -> tuple[int, Any]:
        known = self.objects.get(key)
        if method == "PATCH":
            assert headers["Content-Type"] == "application/apply-patch+yaml"
            assert query["force"] == "true"
            self.managers.add(query["fieldManager"])
            if self.refuse_next_apply_of and self.refuse_next_apply_of[0] == key[3]:
                _, code, message = self.refuse_next_apply_of
                self.refuse_next_apply_of = None
                return _status(code, message)
            self.objects[key] = json.loads(body)
            return (200 if known else 201), self.objects[key]
        if known is None:
            return _status(404, f'{key[1]} "{key[3]}" not found')
        if method == "DELETE":
            return 200, self.objects.pop(key)
        if known["kind"] == "CustomResourceDefinition":
            self.looks_until_established -= 1
            if self.looks_until_established < 0:
                return 200, {**known, "status": {"conditions": [{"type": "Established", "status": "True"}]}}
        return 200, known

    def _list(self, version: str, word: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
        assert "PartialObjectMetadataList" in headers["Accept"]
        name, _, value = query["labelSelector"].partition("=")
        found = [
            one
            for key, one in sorted(self.objects.items())
            if key[:2] == (version, word) and (one["metadata"].get("labels") or {}).get(name) == value
        ]
        begin = int(query.get("continue", "0"))
        items = [{"metadata": one["metadata"]} for one in found[begin : begin + PAGE]]
        rest = {"continue": str(begin + PAGE)} if begin + PAGE < len(found) else {}
        return 200, {"metadata": rest, "items": items}


def _resources(words: dict[str, tuple[str, bool]]) -> Iterator[dict[str, Any]]:
    for word, (kind, is_namespaced) in words.items():
        yield {"name": word, "kind": kind, "namespaced": is_namespaced}
        yield {"name": f"{word}/status", "kind": kind, "namespaced": is_namespaced}


def _status(code: int, message: str) -> tuple[int, Any]:
    return code, {"kind": "Status", "code": code, "message": message, "reason": f"Reason{code}"}


class _Handler(BaseHTTPRequestHandler):
    fake: FakeKubernetes
    protocol_version = "HTTP/1.1"
    # Without it every answer would wait for the kernel to see whether there is more to send.
    wbufsize = 65536
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        status, answer = self.fake.answer(self.command, self.path, self.headers, body)
        content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.close_connection = self.fake.hang_up
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def do_PATCH(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Stay quiet: the tests look at what was asked, not at a log."""
