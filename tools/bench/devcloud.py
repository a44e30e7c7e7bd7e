# SPDX-License-Identifier: Apache-2.0
"""Creates clusters on a running devcloud and tells how long that took, whose time it was, and what we asked for it."""

from __future__ import annotations

import argparse
import datetime
import json
import re
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from house import BenchFailed
from keystoneauth1.identity import v3
from keystoneauth1.session import Session
from machine import machine

# What our API and our conductors call themselves; agents and the node runner have names of their own.
OURS = re.compile(rb'"magnum-lite"')
SERVICES = {
    "keystone": "keystone",
    "heat": "heat-api",
    "nova": "nova-api",
    "neutron": "neutron",
    "glance": "glance",
    "cinder": "cinder-api",
}
SHAPES = {"1+1": (1, 1, False), "3+3": (3, 3, True)}
SECONDS = 900.0
PAUSE = 0.5


@dataclass(frozen=True)
class Result:
    """One cluster: seconds in all, of them those in which Heat and those in which Nova was at it, and our requests."""

    create: float
    heat: float
    nova: float
    delete: float
    requests: Mapping[str, int]


class Logs:
    """The access logs of a devcloud's services, from where they ended when this was made."""

    def __init__(self, folder: Path) -> None:
        self._paths = {service: folder / "logs" / f"{name}.log" for service, name in SERVICES.items()}
        self._ends = {service: path.stat().st_size for service, path in self._paths.items()}

    def count(self) -> dict[str, int]:
        """Count the requests since then that were ours."""
        return {service: self._count(service) for service in self._paths}

    def _count(self, service: str) -> int:
        with self._paths[service].open("rb") as file:
            file.seek(self._ends[service])
            return sum(1 for line in file if OURS.search(line))


class Tenant:
    """The user ``demo`` of a devcloud, with a template for each shape."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        auth = v3.Password(
            auth_url=state["auth_url"],
            username="demo",
            password=state["password"],
            project_name="demo",
            user_domain_id="default",
            project_domain_id="default",
        )
        self._session = Session(auth=auth, timeout=60)

    def template(self, name: str, *, is_balanced: bool) -> str:
        body = {
            "name": name,
            "coe": "kubernetes",
            "image_id": "fedora-coreos",
            "external_network_id": "public",
            "keypair_id": "my_keypair",
            "flavor_id": "m1.small",
            "master_flavor_id": "m1.small",
            "master_lb_enabled": is_balanced,
        }
        return str(self._magnum("POST", "/clustertemplates", body)["uuid"])

    def remove_template(self, uuid: str) -> None:
        self._magnum("DELETE", f"/clustertemplates/{uuid}")

    def create(self, template: str, masters: int, workers: int) -> str:
        wish = {"name": "bench", "cluster_template_id": template, "master_count": masters, "node_count": workers}
        return str(self._magnum("POST", "/clusters", wish)["uuid"])

    def await_complete(self, cluster: str) -> dict[str, Any]:
        """Give the cluster once it is complete."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            shown = self._magnum("GET", f"/clusters/{cluster}")
            if shown["status"] == "CREATE_COMPLETE":
                return shown
            if shown["status"] == "CREATE_FAILED":
                raise BenchFailed(f"cluster {cluster} failed: {shown['status_reason']}")
            time.sleep(PAUSE)
        raise BenchFailed(f"cluster {cluster} is not complete after {SECONDS:.0f} s")

    def remove(self, cluster: str) -> None:
        """Delete a cluster and wait until it is gone."""
        self._magnum("DELETE", f"/clusters/{cluster}")
        deadline = time.monotonic() + SECONDS
        while self._magnum("GET", f"/clusters/{cluster}"):
            if time.monotonic() > deadline:
                raise BenchFailed(f"cluster {cluster} is not gone after {SECONDS:.0f} s")
            time.sleep(PAUSE)

    def heat_seconds(self, stack: str) -> float:
        """Give how long Heat took for a stack: from its first event to its last, in whole seconds as Heat has them."""
        found = self._call("GET", "orchestration", f"/stacks/{stack}")["stack"]
        path = f"/stacks/{found['stack_name']}/{stack}/events"
        times = [_moment(one["event_time"]) for one in self._call("GET", "orchestration", path)["events"]]
        return (max(times) - min(times)).total_seconds()

    def nova_seconds(self, cluster: str) -> float:
        """Give how long Nova was building a server of a cluster, or several at once."""
        nodes = self._magnum("GET", f"/clusters/{cluster}/nodes")["nodes"]
        servers = [self._call("GET", "compute", f"/servers/{one['server_id']}")["server"] for one in nodes]
        return covered([(_moment(one["created"]), _moment(one["OS-SRV-USG:launched_at"])) for one in servers])

    def _magnum(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        return self._call(method, "container-infra", path, body)

    def _call(self, method: str, service: str, path: str, body: Any = None) -> dict[str, Any]:
        """Give the JSON of an answer, nothing for 404 and for an empty one."""
        answer = self._session.request(
            path,
            method,
            json=body,
            endpoint_filter={"service_type": service},
            headers={"OpenStack-API-Version": "container-infra latest"},
            raise_exc=False,
            redirect=3,
        )
        if answer.status_code == 404:
            return {}
        if answer.status_code >= 400:
            raise BenchFailed(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json()) if answer.text else {}


def covered(intervals: Sequence[tuple[datetime.datetime, datetime.datetime]]) -> float:
    """Give the seconds in which at least one of the intervals was on."""
    total, end = 0.0, None
    for start, stop in sorted(intervals):
        begin = start if end is None else max(start, end)
        if stop > begin:
            total += (stop - begin).total_seconds()
            end = stop
    return total


def run(tenant: Tenant, folder: Path, template: str, masters: int, workers: int) -> Result:
    """Make one cluster, measure it, and delete it."""
    logs, began = Logs(folder), time.monotonic()
    cluster = tenant.create(template, masters, workers)
    shown = tenant.await_complete(cluster)
    create, requests = time.monotonic() - began, logs.count()
    heat, nova = tenant.heat_seconds(shown["stack_id"]), tenant.nova_seconds(cluster)
    began = time.monotonic()
    tenant.remove(cluster)
    return Result(create, heat, nova, time.monotonic() - began, requests)


def table(shape: str, results: Sequence[Result]) -> str:
    """Lay the runs of one shape out: seconds with their share of the create, then requests."""
    lines = [f"\nCluster of {shape}, {len(results)} runs{'':14}min   median      max   share"]
    whole = statistics.median(one.create for one in results)
    for name in ("create", "heat", "nova", "delete"):
        values = [getattr(one, name) for one in results]
        share = f"{statistics.median(values) / whole:7.0%}" if name != "delete" else ""
        lines.append(f"{name + ' s':32}" + _cells(values, "8.1f") + share)
    for service in SERVICES:
        lines.append(f"{'requests to ' + service:32}" + _cells([one.requests[service] for one in results], "8.0f"))
    return "\n".join(lines)


def main() -> int:
    """Do what the command line asks and give the exit code."""
    options = _options()
    try:
        state = json.loads((options.folder / "state.json").read_text())
        tenant = Tenant(state)
        print(f"On a real OpenStack without hardware. {machine()}")
        for shape in options.shapes:
            print(table(shape, _runs(tenant, options.folder, shape, options.runs)), flush=True)
    except (BenchFailed, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def _runs(tenant: Tenant, folder: Path, shape: str, number: int) -> list[Result]:
    masters, workers, is_balanced = SHAPES[shape]
    template = tenant.template(f"bench-{shape}", is_balanced=is_balanced)
    results = [run(tenant, folder, template, masters, workers) for _ in range(number)]
    tenant.remove_template(template)
    return results


def _options() -> argparse.Namespace:
    top = argparse.ArgumentParser(description="Tell what creating clusters on a devcloud takes.")
    top.add_argument("--folder", type=Path, default=Path(".magnum-lite/devcloud"), help="the devcloud's folder")
    top.add_argument("--runs", type=int, default=3, help="clusters of each shape, one after the other (3)")
    top.add_argument("--shapes", nargs="+", choices=sorted(SHAPES), default=sorted(SHAPES), help="masters+workers")
    return top.parse_args()


def _cells(values: Sequence[float], form: str) -> str:
    return "".join(f"{value:{form}} " for value in (min(values), statistics.median(values), max(values)))


def _moment(text: str) -> datetime.datetime:
    """Read the times of Heat and Nova, which are in UTC and say so or not."""
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


if __name__ == "__main__":
    sys.exit(main())
