# SPDX-License-Identifier: Apache-2.0
"""The API server of a real cluster, spoken to over HTTPS as the owner of a certificate of this node."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import CallFailed, HostFailed, Unchangeable
from magnum_lite.agent.kubernetes import MANAGED_BY, MANAGER, Reference, has_condition

CALL_SECONDS = 20.0
LONGEST_ANSWER = 16 * 1024 * 1024
PAGE = 500
MOST_PAGES = 100
LONGEST_REASON = 400
# What the API server says of a field that never changes.
UNCHANGEABLE = ("is immutable", "cannot change roleRef", "updates to statefulset spec", "may not change once set")
JSON = "application/json"
# An apply is sent as YAML, of which JSON is a part; a list of names and labels is enough to see what is there.
APPLY = "application/apply-patch+yaml"
METADATA_ONLY = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"


@dataclass(frozen=True)
class Access:
    """What a kubeconfig says: the server's URL, and the files (absolute paths of the node) that prove both sides."""

    server: str
    authority: str
    certificate: str
    key: str

    @classmethod
    def read(cls, disk: Disk, path: str) -> Access:
        """Read a kubeconfig as our node documents bring it: JSON, with paths of files."""
        try:
            found = json.loads(disk.at(path).read_bytes())
            cluster, user = found["clusters"][0]["cluster"], found["users"][0]["user"]
            return cls(
                cluster["server"], cluster["certificate-authority"], user["client-certificate"], user["client-key"]
            )
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            raise HostFailed(f"kubeconfig {path} cannot be used: {error!r}") from error


@dataclass(frozen=True)
class Resource:
    """How objects of one kind are found: the word in their path, and whether they live in namespaces."""

    name: str
    is_namespaced: bool


class APIServer:
    """``Kubernetes`` as a kubeconfig reaches it; connects at the first call and remembers which kinds there are."""

    def __init__(self, disk: Disk, kubeconfig: str, *, call_seconds: float = CALL_SECONDS) -> None:
        self._disk = disk
        self._kubeconfig = kubeconfig
        self._call_seconds = call_seconds
        self._connection: http.client.HTTPSConnection | None = None
        self._kinds: dict[str, Mapping[str, Resource]] = {}

    def __del__(self) -> None:
        self._close()

    def apply(self, item: Mapping[str, Any]) -> None:
        reference = Reference.of(item)
        resource = self._resource(reference.api_version, reference.kind)
        if resource is None:
            # Not final: what has just been defined is not known everywhere at once.
            raise CallFailed(f"Kubernetes knows no kind {reference.kind} in {reference.api_version}")
        path = f"{_path(reference, resource)}?{urlencode({'fieldManager': MANAGER, 'force': 'true'})}"
        status, answer = self._call("PATCH", path, item, content=APPLY)
        if status == 404:
            # So is a namespace that is still being made.
            raise CallFailed(f"Kubernetes does not find where {reference} belongs: {_reason(answer)}")
        if status not in {200, 201}:
            raise _refusal(reference, status, answer)

    def find(self, reference: Reference) -> Mapping[str, Any] | None:
        resource = self._resource(reference.api_version, reference.kind)
        if resource is None:
            return None
        status, answer = self._call("GET", _path(reference, resource))
        if status == 404:
            return None
        if status != 200:
            raise _refusal(reference, status, answer)
        return answer

    def existing(self, references: Iterable[Reference]) -> frozenset[Reference]:
        wanted = frozenset(references)
        kinds = sorted({(one.api_version, one.kind) for one in wanted})
        return wanted & frozenset(found for kind in kinds for found in self._ours(*kind))

    def remove(self, reference: Reference) -> None:
        resource = self._resource(reference.api_version, reference.kind)
        if resource is None:
            return
        status, answer = self._call("DELETE", _path(reference, resource), {"propagationPolicy": "Background"})
        if status not in {200, 202, 404}:
            raise _refusal(reference, status, answer)

    def node_is_ready(self, name: str) -> bool:
        return has_condition(self.find(Reference("v1", "Node", name)), "Ready")

    def _ours(self, api_version: str, kind: str) -> Iterable[Reference]:
        """Give all objects of a kind that are marked as ours."""
        resource = self._resource(api_version, kind)
        query = {"labelSelector": f"{MANAGED_BY}={MANAGER}", "limit": str(PAGE)}
        for _ in range(MOST_PAGES if resource else 0):
            path = f"{_root(api_version)}/{resource.name if resource else ''}?{urlencode(query)}"
            status, answer = self._call("GET", path, accept=METADATA_ONLY)
            if status == 404:
                return
            if status != 200:
                raise CallFailed(f"Kubernetes does not list {kind}: {_reason(answer)}", status)
            for one in answer.get("items") or ():
                metadata = one["metadata"]
                yield Reference(api_version, kind, metadata["name"], metadata.get("namespace") or "")
            query["continue"] = answer.get("metadata", {}).get("continue") or ""
            if not query["continue"]:
                return

    def _resource(self, api_version: str, kind: str) -> Resource | None:
        """Give how a kind is found, asking again for one that is not known yet."""
        if kind not in self._kinds.get(api_version, {}):
            self._kinds[api_version] = self._discover(api_version)
        return self._kinds[api_version].get(kind)

    def _discover(self, api_version: str) -> Mapping[str, Resource]:
        status, answer = self._call("GET", _root(api_version))
        if status == 404:
            return {}
        if status != 200:
            raise CallFailed(f"Kubernetes does not tell what {api_version} is: {_reason(answer)}", status)
        return {
            one["kind"]: Resource(one["name"], one["namespaced"])
            for one in answer.get("resources") or ()
            if "/" not in one["name"]
        }

    def _call(
        self, method: str, path: str, body: object = None, *, content: str = JSON, accept: str = JSON
    ) -> tuple[int, Mapping[str, Any]]:
        """Give the code and the JSON of an answer; a connection that the server has closed since is made anew."""
        headers = {"Accept": accept, "User-Agent": "magnum-lite-agent"}
        if body is not None:
            headers["Content-Type"] = content
        data = None if body is None else json.dumps(body).encode()
        is_fresh = self._connection is None
        try:
            return self._exchange(method, path, data, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._close()
            if is_fresh or isinstance(error, TimeoutError | ssl.SSLCertVerificationError):
                raise CallFailed(f"the API server does not answer: {str(error) or type(error).__name__}") from error
        return self._call(method, path, body, content=content, accept=accept)

    def _exchange(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, Any]]:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request(method, path, data, dict(headers))
        response = self._connection.getresponse()
        content = response.read(LONGEST_ANSWER + 1)
        if len(content) > LONGEST_ANSWER:
            raise ValueError(f"more than {LONGEST_ANSWER} bytes")
        return response.status, _json(content)

    def _connect(self) -> http.client.HTTPSConnection:
        access = Access.read(self._disk, self._kubeconfig)
        context = ssl.create_default_context(cafile=str(self._disk.at(access.authority)))
        context.load_cert_chain(str(self._disk.at(access.certificate)), str(self._disk.at(access.key)))
        parts = urlsplit(access.server)
        return http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=self._call_seconds, context=context
        )

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _path(reference: Reference, resource: Resource) -> str:
    if resource.is_namespaced and not reference.namespace:
        raise HostFailed(f"{reference} names no namespace, but it needs one", is_final=True)
    space = f"/namespaces/{quote(reference.namespace, safe='')}" if resource.is_namespaced else ""
    return f"{_root(reference.api_version)}{space}/{resource.name}/{quote(reference.name, safe='')}"


def _json(content: bytes) -> Mapping[str, Any]:
    """Give an answer's object; what is none, such as a proxy's page, is the reason of a refusal."""
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"message": content[:LONGEST_REASON].decode(errors="replace")}


def _refusal(reference: Reference, status: int, answer: Mapping[str, Any]) -> CallFailed:
    # What is said of a secret may quote it.
    reason = str(answer.get("reason") or status) if reference.kind == "Secret" else _reason(answer)
    kind = Unchangeable if status == 422 and _tells_any(answer, UNCHANGEABLE) else CallFailed
    return kind(f"Kubernetes refuses {reference} ({status}): {reason}", status)


def _tells_any(answer: Mapping[str, Any], phrases: Iterable[str]) -> bool:
    message = str(answer.get("message"))
    return any(one in message for one in phrases)


def _reason(answer: Mapping[str, Any]) -> str:
    """Give what the server says; of a long text its begin, that names the field, and its end, that says why."""
    found = str(answer.get("message") or "no reason given")
    if len(found) <= LONGEST_REASON:
        return found
    return f"{found[: LONGEST_REASON // 2]} ... {found[-LONGEST_REASON // 2 :]}"
