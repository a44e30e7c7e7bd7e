# SPDX-License-Identifier: Apache-2.0
"""``/healthcheck``: whether this process can answer requests, for load balancers and for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from oslo_db import exception as db_exception

from magnum_lite.api import paths
from magnum_lite.api.deps import ApiDeps
from magnum_lite.api.faults import OWN_FAULT, fault
from magnum_lite.api.versions import Application
from magnum_lite.store import services

LOG = logging.getLogger(__name__)


class Healthcheck:
    """Answers ``/healthcheck`` without a token: ``OK``, or 503; with ``?detailed`` what was found."""

    def __init__(self, application: Application, deps: ApiDeps) -> None:
        self._application = application
        self._deps = deps

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != paths.HEALTHCHECK:
            return self._application(environ, start_response)
        checks = self._checks()
        failing = [f"{name}: {said}" for name, (is_well, said) in checks.items() if not is_well]
        body: dict[str, Any] = {"checks": {name: said for name, (_, said) in checks.items()}}
        if failing:
            environ[OWN_FAULT] = True
            message = f"This service cannot answer requests now: {'; '.join(failing)}"
            body["errors"] = [fault(environ, code=503, slug="service-unavailable", message=message)]
            return _send(start_response, "503 Service Unavailable", "application/json", json.dumps(body), environ)
        if "detailed" in environ[paths.QUERY]:
            return _send(start_response, "200 OK", "application/json", json.dumps(body), environ)
        return _send(start_response, "200 OK", "text/plain; charset=UTF-8", "OK", environ)

    def _checks(self) -> dict[str, tuple[bool, str]]:
        """Give each check's verdict and what to say; a silent queue or conductor delays work but stops no answer."""
        down, conductors = self._database()
        enabled = not Path(self._deps.conf.api.healthcheck_disable_file).exists()
        return {
            "service": (enabled, "enabled" if enabled else "disabled by file"),
            "database": (not down, down or "answers"),
            "conductors": (True, conductors),
            "queue": (True, "reachable" if self._deps.conductor.is_reachable() else "unreachable: work begins late"),
        }

    def _database(self) -> tuple[str, str]:
        """Give why the database cannot be used, and how many conductors it says are up."""
        try:
            with self._deps.store.read() as session:
                rows = services.list_(session)
        except db_exception.DBError:
            LOG.exception("healthcheck: the database does not answer")
            return "does not answer", "unknown"
        now, limit = self._deps.clock(), self._deps.conf.api.service_down_seconds
        return "", f"{sum(row.is_up(now, limit) for row in rows)} up of {len(rows)}"


def _send(
    start_response: Callable[..., Any], status: str, kind: str, text: str, environ: dict[str, Any]
) -> list[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
