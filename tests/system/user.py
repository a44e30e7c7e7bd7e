# SPDX-License-Identifier: Apache-2.0
"""A user of the API: a real Keystone session, and the requests that tests send with it."""

from __future__ import annotations

from typing import Any

import requests
from keystoneauth1.exceptions.connection import ConnectionError as CutOff
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.session import Session

from tests.system.cloud import Cloud
from tests.system.processes import wait_until

CALL_SECONDS = 60.0
GONE = "gone"
TEMPLATE = {
    "coe": "kubernetes",
    "image_id": "fedora-coreos",
    "external_network_id": "public",
    "keypair_id": "my_keypair",
    "flavor_id": "m1.small",
    "master_flavor_id": "m1.small",
    "master_lb_enabled": False,
    "floating_ip_enabled": False,
}
"""Small and quick: what more a test needs it says."""


class User:
    """Sends requests to one API as one user of a cloud."""

    def __init__(
        self,
        cloud: Cloud,
        api_url: str,
        name: str = "demo",
        project: str | None = None,
        *,
        auth: BaseAuthPlugin | None = None,
    ) -> None:
        self.session = Session(auth=auth or cloud.auth(name, project or name), timeout=CALL_SECONDS)
        self.api_url = api_url
        self.cloud = cloud
        self.made: list[tuple[str | None, str]] = []

    def call(self, method: str, path: str, body: Any = None, *, version: str = "latest") -> requests.Response:
        """Send a request to a path below ``/v1`` and give the answer, whatever it is."""
        answer: requests.Response = self.session.request(
            self.api_url + path,
            method,
            json=body,
            headers={"OpenStack-API-Version": f"container-infra {version}"},
            raise_exc=False,
        )
        return answer

    def image(self, name: str, **properties: str) -> str:
        """Make an image with these properties and no content, and give its UUID."""
        body = {"name": name, "disk_format": "raw", "container_format": "bare", **properties}
        answer = self.session.post("/v2/images", json=body, endpoint_filter={"service_type": "image"})
        return self._made("image", "/v2/images", str(answer.json()["id"]))

    def flavor(self, name: str) -> str:
        """Make a flavor and give its ID."""
        body = {"flavor": {"name": name, "vcpus": 2, "ram": 2048, "disk": 20}}
        answer = self.session.post("/flavors", json=body, endpoint_filter={"service_type": "compute"})
        return self._made("compute", "/flavors", str(answer.json()["flavor"]["id"]))

    def keypair(self, name: str) -> str:
        """Have a key pair of this name, and give the name."""
        where = {"endpoint_filter": {"service_type": "compute"}, "raise_exc": False}
        if self.session.get(f"/os-keypairs/{name}", **where).status_code == 404:
            self.session.post("/os-keypairs", json={"keypair": {"name": name}}, **where)
            self._made("compute", "/os-keypairs", name)
        return name

    def images(self, name: str) -> list[str]:
        """Give the UUIDs of the images of a name."""
        answer = self.session.get(f"/v2/images?name={name}", endpoint_filter={"service_type": "image"})
        return [str(one["id"]) for one in answer.json()["images"]]

    def template(self, name: str, **fields: Any) -> str:
        """Make a template and give its UUID."""
        answer = self.call(
            "POST",
            "/clustertemplates",
            {**TEMPLATE, **self.cloud.template, "labels": self.cloud.labels, "name": name, **fields},
        )
        assert answer.status_code == 201, answer.text
        return self._made(None, "/clustertemplates", str(answer.json()["uuid"]))

    def create(self, template: str, name: str, **fields: Any) -> str:
        """Ask for a cluster, of one master and one worker unless said, and give its UUID."""
        wish = {"name": name, "cluster_template_id": template, "master_count": 1, "node_count": 1, **fields}
        answer = self.call("POST", "/clusters", wish)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["uuid"])

    def delete(self, cluster: str) -> None:
        answer = self.call("DELETE", f"/clusters/{cluster}")
        assert answer.status_code == 204, answer.text

    def show(self, cluster: str) -> dict[str, Any]:
        answer = self.call("GET", f"/clusters/{cluster}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def status(self, cluster: str) -> str:
        """Give a cluster's status, or ``GONE``."""
        answer = self.call("GET", f"/clusters/{cluster}")
        return GONE if answer.status_code == 404 else str(answer.json()["status"])

    def wait_for(self, cluster: str, status: str, *, seconds: float | None = None) -> None:
        """Wait for a status, though the API may be away meanwhile; fail at once when the cluster failed instead."""
        others = {"CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"} - {status}

        def is_there() -> bool:
            now = self.status(cluster)
            assert now not in others, f"waiting for {status}: {self.show(cluster)}"
            return now == status

        wait_until(
            is_there, f"cluster {cluster} {status}", seconds=seconds or self.cloud.build_seconds, despite=(CutOff,)
        )

    def remove(self, cluster: str) -> None:
        """Delete a cluster and wait until it is gone."""
        self.delete(cluster)
        self.wait_for(cluster, GONE)

    def tidy(self) -> None:
        """Delete what this user made but clusters, which tests end themselves; what is gone already stays gone."""
        while self.made:
            service, path = self.made.pop()
            if service is None:
                self.call("DELETE", path)
            else:
                self.session.delete(path, endpoint_filter={"service_type": service}, raise_exc=False)

    def _made(self, service: str | None, collection: str, ident: str) -> str:
        """Note what was made of a service, or of ours, for its end; give its identifier."""
        self.made.append((service, f"{collection}/{ident}"))
        return ident
