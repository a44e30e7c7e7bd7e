# SPDX-License-Identifier: Apache-2.0
"""What the API tells and asks conductors: ids and plain values."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import oslo_messaging

from magnum_lite import errors
from magnum_lite.certs.signee import Signee
from magnum_lite.rpc import transport as transports

LOG = logging.getLogger(__name__)

MAX_WAITING = 10_000
MAX_CALLS = 32
CONNECT_SECONDS = 2.0
SEND_RETRIES = 1


class Conductor(Protocol):
    """What the API needs of conductors."""

    def nudge(self, cluster_uuid: str) -> None:
        """Have a conductor look at a cluster soon. Never waits and never fails: the row is the truth."""

    def sign_for_user(self, cluster_uuid: str, kind: str, csr: str, signee: Signee) -> str:
        """Have a user's CSR signed; give the certificate in PEM. Raises what ``certs.authority`` raises."""

    def sign_for_node(self, node_uuid: str, profile: str, csr: str) -> Mapping[str, str]:
        """Have a node's CSR signed; give ``certificate`` and ``authority`` in PEM."""

    def node_document(self, node_uuid: str) -> str:
        """Give a node's document as JSON text; raise ``DocumentNotReady`` while it cannot be written."""

    def is_reachable(self) -> bool:
        """Say whether the last nudge could be sent (true before the first one)."""


class ConductorClient:
    """A ``Conductor`` over oslo.messaging.

    Nudges are sent by a thread of their own, so that a broker that is away delays no answer; those that cannot be
    sent are dropped, because conductors look for unfinished operations by themselves.
    """

    def __init__(self, transport: oslo_messaging.Transport, *, timeout: float) -> None:
        self._calls = oslo_messaging.get_rpc_client(transport, transports.target(), timeout=timeout, retry=SEND_RETRIES)
        self._timeout = timeout
        self._room = threading.BoundedSemaphore(MAX_CALLS)
        self._waiting: queue.Queue[str | None] = queue.Queue(MAX_WAITING)
        self._queued: set[str] = set()
        self._lock = threading.Lock()
        self._reachable = True
        self._sender = threading.Thread(target=self._send_all, name="nudges", daemon=True)
        self._sender.start()

    def nudge(self, cluster_uuid: str) -> None:
        with self._lock:
            if cluster_uuid in self._queued:
                return
            self._queued.add(cluster_uuid)
        try:
            self._waiting.put_nowait(cluster_uuid)
        except queue.Full:
            with self._lock:
                self._queued.discard(cluster_uuid)
            LOG.warning("cluster %s: nudge dropped, %d are waiting to be sent", cluster_uuid, MAX_WAITING)

    def sign_for_user(self, cluster_uuid: str, kind: str, csr: str, signee: Signee) -> str:
        values = {"cluster_uuid": cluster_uuid, "kind": kind, "csr": csr, "signee": dataclasses.asdict(signee)}
        return str(self._call("sign_for_user", **values))

    def sign_for_node(self, node_uuid: str, profile: str, csr: str) -> Mapping[str, str]:
        return dict(self._call("sign_for_node", node_uuid=node_uuid, profile=profile, csr=csr))

    def node_document(self, node_uuid: str) -> str:
        return str(self._call("node_document", node_uuid=node_uuid))

    def is_reachable(self) -> bool:
        return self._reachable

    def close(self) -> None:
        """Send what is waiting, at most five seconds long."""
        self._waiting.put(None)
        self._sender.join(timeout=5)

    def _call(self, method: str, **values: Any) -> Any:
        try:
            answer = self._begin(method, values).result(timeout=self._timeout + CONNECT_SECONDS)
        except (oslo_messaging.MessagingTimeout, concurrent.futures.TimeoutError) as error:
            raise errors.ServiceUnavailable("No conductor answered in time; try again later") from error
        except oslo_messaging.MessagingException as error:
            raise errors.ServiceUnavailable("The message queue cannot be reached; try again later") from error
        if "error" in answer:
            raise errors.revive(answer["error"]["slug"], answer["error"]["message"])
        return answer["result"]

    def _begin(self, method: str, values: Mapping[str, Any]) -> concurrent.futures.Future[Any]:
        """Call on a thread of its own: while the broker is away, the library connects for ever whatever its time limit.

        Only so many threads may hang at a time; the processes end without waiting for them.
        """
        if not self._room.acquire(timeout=self._timeout):
            raise errors.ServiceUnavailable("Too many requests wait for the message queue; try again later")
        outcome: concurrent.futures.Future[Any] = concurrent.futures.Future()
        threading.Thread(target=self._call_into, args=(outcome, method, values), name="call", daemon=True).start()
        return outcome

    def _call_into(self, outcome: concurrent.futures.Future[Any], method: str, values: Mapping[str, Any]) -> None:
        try:
            outcome.set_result(self._calls.call({}, method, **values))
        except Exception as error:  # noqa: BLE001 - it is raised again where the outcome is awaited
            outcome.set_exception(error)
        finally:
            self._room.release()

    def _send_all(self) -> None:
        while (cluster_uuid := self._waiting.get()) is not None:
            with self._lock:
                self._queued.discard(cluster_uuid)
            self._reachable = self._send(cluster_uuid)

    def _send(self, cluster_uuid: str) -> bool:
        try:
            self._calls.cast({}, "reconcile", cluster_uuid=cluster_uuid)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next nudge needs this thread
            LOG.warning("cluster %s: nudge not sent, the queue cannot be reached: %s", cluster_uuid, error)
            return False
        return True


class Endpoint(Protocol):
    """What conductors answer; each method gives a plain value or raises an error of ours."""

    def reconcile(self, cluster_uuid: str) -> None: ...
    def sign_for_user(self, cluster_uuid: str, kind: str, csr: str, signee: Signee) -> str: ...
    def sign_for_node(self, node_uuid: str, profile: str, csr: str) -> Mapping[str, str]: ...
    def node_document(self, node_uuid: str) -> str: ...


class _Wire:
    """Turns messages into calls of an endpoint, and its errors into values that every version can read."""

    target = oslo_messaging.Target(version=transports.VERSION)

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def reconcile(self, _context: Any, cluster_uuid: str) -> None:
        self._endpoint.reconcile(cluster_uuid)

    def sign_for_user(self, _context: Any, signee: Mapping[str, Any], **values: Any) -> Any:
        return _answer(self._endpoint.sign_for_user, signee=Signee(**signee), **values)

    def sign_for_node(self, _context: Any, **values: Any) -> Any:
        return _answer(self._endpoint.sign_for_node, **values)

    def node_document(self, _context: Any, **values: Any) -> Any:
        return _answer(self._endpoint.node_document, **values)


def _answer(method: Callable[..., Any], **values: Any) -> dict[str, Any]:
    try:
        return {"result": method(**values)}
    except errors.MagnumLiteError as error:
        return {"error": {"slug": error.slug, "message": error.message}}


def new_server(
    transport: oslo_messaging.Transport, endpoint: Endpoint, *, server: str
) -> oslo_messaging.rpc.server.RPCServer:
    """Make a server (``start``, ``stop``, ``wait``) that answers as the conductor of this name."""
    return oslo_messaging.get_rpc_server(
        transport,
        transports.target(server),
        [_Wire(endpoint)],
        access_policy=oslo_messaging.rpc.dispatcher.DefaultRPCAccessPolicy,
    )
