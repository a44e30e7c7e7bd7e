# SPDX-License-Identifier: Apache-2.0
"""A customer of the cloud: types openstack commands, and sends the one request that makes a cluster."""

import json
import shlex
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from failure import QuickstartFailed

CLUSTER = "k8s"
SECONDS = 60
TEMPLATE_OPTIONS = (
    "--coe kubernetes --image fedora-coreos --external-network public --flavor m1.medium --master-flavor m1.medium "
    "--master-lb-enabled --labels fixed_subnet_cidr=127.32.0.0/16"
)


@dataclass(frozen=True)
class Wish:
    """What is asked for: a template by its name and options of its own, and how many nodes."""

    template: str = "quickstart"
    options: str = "--network-driver calico"
    masters: int = 3
    workers: int = 3

    @classmethod
    def of_programs(cls, release: str) -> Self:
        """Ask for what can run on one machine: one master, and addons for which nothing is downloaded."""
        return cls(f"quickstart-{release}", f"--network-driver flannel --labels kube_tag={release}", 1, 1)


class Customer:
    """Somebody with credentials in the environment, as `source openrc` leaves them."""

    def __init__(self, environment: Mapping[str, str], api_url: str, wish: Wish) -> None:
        self._wish = wish
        self._environment = environment
        self._api_url = api_url
        self._token = self.openstack("token issue -f value -c id").strip()

    def openstack(self, command: str) -> str:
        """Run the unmodified client and give what it printed."""
        print(f"$ openstack {command}", flush=True)
        done = subprocess.run(
            ["openstack", *shlex.split(command)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise QuickstartFailed(f"openstack {command} failed: {done.stderr.strip()}")
        return done.stdout

    def get(self, path: str) -> Any:
        """Read something of our API."""
        return self._send("GET", path, None)

    def ensure_cluster(self) -> str:
        """Ask for the cluster unless it is there already, and give its UUID."""
        for cluster in self.get("/clusters")["clusters"]:
            if cluster["name"] == CLUSTER:
                print(f"Cluster {CLUSTER} is there already.")
                return str(cluster["uuid"])
        wish = self._request(self._ensure_template())
        print(f"POST {self._api_url}/clusters {json.dumps(wish)}", flush=True)
        return str(self._send("POST", "/clusters", wish)["uuid"])

    def _ensure_template(self) -> str:
        for template in self.get("/clustertemplates")["clustertemplates"]:
            if template["name"] == self._wish.template:
                return str(template["uuid"])
        options = f"{TEMPLATE_OPTIONS} {self._wish.options}"
        created = self.openstack(f"coe cluster template create {self._wish.template} {options} -f value -c uuid")
        return created.split()[-1]

    def _request(self, template: str) -> dict[str, object]:
        """Give the request exactly as a customer's tool sends it, nulls included."""
        return {
            "name": CLUSTER,
            "discovery_url": None,
            "master_count": self._wish.masters,
            "cluster_template_id": template,
            "node_count": self._wish.workers,
            "create_timeout": 60,
            "keypair": "my_keypair",
            "master_flavor_id": None,
            "labels": {},
            "flavor_id": None,
        }

    def _send(self, method: str, path: str, body: Mapping[str, object] | None) -> Any:
        request = urllib.request.Request(
            self._api_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "X-Auth-Token": self._token,
                "Content-Type": "application/json",
                "OpenStack-API-Version": "container-infra latest",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise QuickstartFailed(f"{method} {path} was answered with {error.code}: {error.read().decode()}") from None
