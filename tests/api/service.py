# SPDX-License-Identifier: Apache-2.0
"""The API on a database of its own, with fakes for all that is outside of it."""

from __future__ import annotations

import contextlib
import datetime
import functools
import hashlib
import json
import tempfile
import uuid as uuids
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from werkzeug.test import Client, TestResponse

from magnum_lite import conf as configuration
from magnum_lite.api.app import new_app
from magnum_lite.api.deps import ApiDeps
from magnum_lite.api.policy import Policy
from magnum_lite.certs.authority import KINDS
from magnum_lite.model import Base, Cluster
from magnum_lite.model.states import NodeState, Status, Verb
from magnum_lite.store import authorities, clusters, operations, schema
from magnum_lite.store.engine import Store
from tests.api.answers import Documented
from tests.fakes.clouds import FakeClouds
from tests.fakes.conductor import PEM, FakeConductor
from tests.fakes.drivers import FakeDrivers
from tests.fakes.identity import CLUSTER_USER, known_users

TEMPLATE = {
    "name": "fcos",
    "coe": "kubernetes",
    "image_id": "fedora-coreos",
    "external_network_id": "public",
    "keypair_id": "my_keypair",
    "flavor_id": "m1.small",
    "master_flavor_id": "m1.medium",
    "master_lb_enabled": True,
}


@functools.cache
def _empty_database() -> bytes:
    """Give a database with every table and no row: migrations take longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite"
        store = Store.connect(f"sqlite:///{path}")
        schema.upgrade(store)
        store.close()
        return path.read_bytes()


def new_database(folder: Path) -> Path:
    path = folder / "test.sqlite"
    path.write_bytes(_empty_database())
    return path


class Service:
    """The application, what it was built with, and short ways to talk to it."""

    def __init__(self, folder: Path) -> None:
        self.conf = configuration.new([], [])
        self.conf.set_override("healthcheck_disable_file", str(folder / "disabled"), group="api")
        self.store = Store.connect(f"sqlite:///{new_database(folder)}")
        self.conductor = FakeConductor()
        self.clouds = FakeClouds()
        self.drivers = FakeDrivers()
        deps = ApiDeps(
            conf=self.conf,
            store=self.store,
            conductor=self.conductor,
            drivers=self.drivers,
            policy=Policy(self.conf),
            clouds=self.clouds,
            clock=lambda: datetime.datetime.now(datetime.UTC),
        )
        self.app = Documented(new_app(deps, known_users))
        self._client = Client(self.app)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str | None = "demo",
        version: str | None = None,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> TestResponse:
        sent = dict(headers or {})
        if user is not None:
            sent["X-Auth-Token"] = user
        if version is not None:
            sent["OpenStack-API-Version"] = f"container-infra {version}"
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        return self._client.open(path, method=method, data=data, headers=sent)

    def template(self, user: str = "demo", **fields: Any) -> str:
        """Make a template and give its UUID."""
        answer = self.call("POST", "/v1/clustertemplates", {**TEMPLATE, **fields}, user=user)
        assert answer.status_code == 201, answer.text
        return str(answer.json["uuid"])

    def cluster(self, template: str | None = None, user: str = "demo", **fields: Any) -> str:
        """Make a cluster and give its UUID."""
        wish = {"name": "k8s", "cluster_template_id": template or self.template(user), **fields}
        answer = self.call("POST", "/v1/clusters", wish, user=user)
        assert answer.status_code == 202, answer.text
        return str(answer.json["uuid"])

    def finished(self, template: str | None = None, user: str = "demo", **fields: Any) -> str:
        """Make a cluster, have it completed, and give its UUID."""
        uuid = self.cluster(template, user, **fields)
        self.finish(uuid)
        return uuid

    def finish(self, uuid: str, status: Status = Status.CREATE_COMPLETE) -> None:
        """Do what a conductor does when a cluster is through: nodes get servers, whatever leaves goes."""
        with self.store.write() as session:
            cluster = clusters.get(session, None, uuid)
            cluster.status, cluster.api_address = status.value, "https://127.24.0.5:6443"
            cluster.cluster_user_id, cluster.stack_id = CLUSTER_USER, "5c7e1b7e-0000-4000-8000-000000000001"
            cluster.nodegroups = [group for group in cluster.nodegroups if group.status != Status.DELETE_IN_PROGRESS]
            for group in cluster.nodegroups:
                group.status, group.stack_id = status.value, cluster.stack_id
                group.nodes = [node for node in group.nodes if not node.is_leaving]
                for node in group.nodes:
                    node.server_id = str(uuids.uuid5(uuids.UUID(uuid), node.name))
                    node.token_hash = hashlib.sha256(f"token of {node.role} {node.index}".encode()).hexdigest()
                    node.address, node.state = f"127.32.0.{10 + node.index}", NodeState.READY.value
            now = datetime.datetime.now(datetime.UTC)
            authorities.put(session, uuid, {kind: f"{PEM}{kind}" for kind in KINDS}, now)
            operations.supersede(session, uuid, now)
        self.conductor.nudged.clear()

    def carry_out(self, uuid: str) -> None:
        """Bring what was asked of a cluster last to its end at once."""
        with self.store.write() as session:
            operation = operations.find_open(session, uuid)
            verb = operation.verb if operation else None
            if verb == Verb.DELETE:
                clusters.remove(session, uuid)
        if verb not in (None, Verb.DELETE):
            self.finish(uuid, Status.CREATE_COMPLETE if verb == Verb.CREATE else Status.UPDATE_COMPLETE)

    def finish_all(self) -> None:
        """Have every cluster completed."""
        with self.store.read() as session:
            found = list(session.scalars(sa.select(Cluster.uuid)))
        for uuid in found:
            self.finish(uuid)

    def rows(self, uuid: str) -> Cluster:
        """Give a cluster as the database has it."""
        with self.store.read() as session:
            return clusters.get(session, None, uuid)

    def row_counts(self) -> dict[str, int]:
        """Count the rows of every table; the quota row that creates queue on is not one of a request's effects."""
        with self.store.read() as session:
            tables = [table for table in Base.metadata.sorted_tables if table.name != "quota"]
            return {table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables}

    @contextlib.contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Gather the SQL statements that are executed."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        sa.event.listen(self.store.engine, "before_cursor_execute", note)
        yield seen
        sa.event.remove(self.store.engine, "before_cursor_execute", note)

    def close(self) -> None:
        self.store.close()


def error_of(answer: TestResponse) -> dict[str, Any]:
    """Give the only error of an answer, which must have the shape of all errors."""
    (error,) = answer.json["errors"]
    assert {"request_id", "code", "status", "title", "detail", "links"} <= error.keys()
    assert error["status"] == answer.status_code
    assert error["request_id"] == answer.headers["x-openstack-request-id"]
    return dict(error)
