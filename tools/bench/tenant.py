# SPDX-License-Identifier: Apache-2.0
"""A tenant who asks for many clusters at once, over a few connections that stay open."""

from __future__ import annotations

import datetime
import http.client
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import local
from typing import Any

from house import BenchFailed

CONNECTIONS = 8
SECONDS = 120
PAUSE = 0.5
PAGE = 500
ROUTE_OF_POLLS = "GET /v1/clusters"

TEMPLATE = {
    "name": "bench",
    "coe": "kubernetes",
    "image_id": "fedora-coreos",
    "external_network_id": "public",
    "flavor_id": "m1.medium",
    "master_flavor_id": "m1.medium",
    "network_driver": "calico",
    "master_lb_enabled": True,
    "floating_ip_enabled": False,
    "labels": {"fixed_subnet_cidr": "127.32.0.0/16"},
}


@dataclass(frozen=True)
class Login:
    """A token of somebody, for the project of the same name, and the IDs of both."""

    token: str
    project_id: str
    user_id: str


def log_in(cloud_url: str, name: str) -> Login:
    """Log in as one of the pocket cloud's users."""
    domain = {"id": "default"}
    user = {"name": name, "domain": domain, "password": "secret"}
    identity = {"methods": ["password"], "password": {"user": user}}
    login = {"auth": {"identity": identity, "scope": {"project": {"name": name, "domain": domain}}}}
    headers, said = _post(f"{cloud_url}/identity/v3/auth/tokens", login, {})
    return Login(headers["X-Subject-Token"], said["token"]["project"]["id"], said["token"]["user"]["id"])


def register_image(cloud_url: str, login: Login, name: str, os_distro: str) -> None:
    """Give the requester's project an image, for the driver that knows this distribution."""
    image = {"name": name, "os_distro": os_distro}
    _post(f"{cloud_url}/image/v2/images", image, {"X-Auth-Token": login.token})


class Tenant:
    """Somebody of the project ``demo``, with one template."""

    def __init__(self, *, cloud_url: str, api_url: str, template: Mapping[str, object] = TEMPLATE) -> None:
        self._api = urllib.parse.urlsplit(api_url)
        self.login = log_in(cloud_url, "demo")
        self._here = local()
        self.template: str = self._send("POST", "/clustertemplates", template)["uuid"]

    def create(self, names: Sequence[str], *, masters: int, workers: int) -> list[str]:
        """Ask for clusters of these names, eight at a time; give their UUIDs once all are accepted."""

        def create_one(name: str) -> str:
            return str(self._send("POST", "/clusters", wish(name, self.template, masters, workers))["uuid"])

        return _all_at_once(create_one, names)

    def delete(self, uuids: Sequence[str]) -> None:
        """Ask for these clusters to be deleted, eight at a time."""
        _all_at_once(lambda uuid: self._send("DELETE", f"/clusters/{uuid}", None), uuids)

    def await_complete(self, uuids: Iterable[str], seconds: float) -> None:
        """Wait until every one of these clusters is complete; raise ``BenchFailed`` when one is not in time."""
        wanted = set(uuids)

        def is_complete(found: dict[str, dict[str, Any]]) -> bool:
            failed = [one for uuid, one in found.items() if uuid in wanted and one["status"] == "CREATE_FAILED"]
            if failed:
                raise BenchFailed(f"{len(failed)} failed, cluster {failed[0]['uuid']}: {self._why(failed[0]['uuid'])}")
            return all(found[uuid]["status"] == "CREATE_COMPLETE" for uuid in wanted)

        self._await(is_complete, seconds, "complete")

    def await_gone(self, uuids: Iterable[str], seconds: float) -> None:
        """Wait until none of these clusters is left."""
        wanted = set(uuids)
        self._await(lambda found: not wanted.intersection(found), seconds, "gone")

    def durations(self, uuids: Iterable[str]) -> list[float]:
        """Give, in seconds and sorted, how long each create took from its request to its end."""
        return sorted(_all_at_once(self._duration, uuids))

    def _duration(self, uuid: str) -> float:
        (operation,) = self._send("GET", f"/clusters/{uuid}/operations", None)["operations"]
        started, finished = (datetime.datetime.fromisoformat(operation[k]) for k in ("started_at", "finished_at"))
        return (finished - started).total_seconds()

    def _why(self, uuid: str) -> str:
        return str(self._send("GET", f"/clusters/{uuid}", None)["status_reason"])

    def _await(self, is_reached: Callable[[dict[str, dict[str, Any]]], bool], seconds: float, word: str) -> None:
        deadline = time.monotonic() + seconds
        while not is_reached(self._all()):
            if time.monotonic() > deadline:
                raise BenchFailed(f"not every cluster is {word} after {seconds:.0f} seconds")
            time.sleep(PAUSE)

    def _all(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        marker = ""
        while True:
            page = self._send("GET", f"/clusters?limit={PAGE}{marker}", None)["clusters"]
            found.update((one["uuid"], one) for one in page)
            if len(page) < PAGE:
                return found
            marker = f"&marker={page[-1]['uuid']}"

    def _send(self, method: str, path: str, body: object) -> Any:
        connection = self._connection()
        try:
            status, text = self._exchange(connection, method, path, body)
        except ConnectionError:
            # The server closes what was idle for ten seconds; only what changes nothing is asked again.
            connection.close()
            if method != "GET":
                raise
            status, text = self._exchange(connection, method, path, body)
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise BenchFailed(f"{method} {path} was answered with {status}: {text.decode(errors='replace')}")
        return json.loads(text) if text else None

    def _exchange(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: object
    ) -> tuple[int, bytes]:
        headers = {"X-Auth-Token": self.login.token, "OpenStack-API-Version": "container-infra latest"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, self._api.path + path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._here, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(str(self._api.hostname), self._api.port, timeout=SECONDS)
            self._here.connection = connection
        return connection


def wish(name: str, template: str, masters: int, workers: int) -> dict[str, object]:
    """Give the body of a request for a cluster."""
    return {
        "name": name,
        "cluster_template_id": template,
        "master_count": masters,
        "node_count": workers,
        "create_timeout": 60,
        "keypair": "my_keypair",
    }


def _all_at_once(call: Callable[[str], Any], values: Iterable[str]) -> list[Any]:
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(call, values))


def _post(url: str, body: object, headers: Mapping[str, str]) -> tuple[Mapping[str, str], Any]:
    sent = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=sent)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return answer.headers, json.load(answer)
