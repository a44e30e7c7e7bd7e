# SPDX-License-Identifier: Apache-2.0
"""The application for WSGI servers such as uWSGI: ``magnum_lite.wsgi:application``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from oslo_log import log

from magnum_lite import conf as configuration
from magnum_lite.api.versions import Application
from magnum_lite.cmd import api


class LazyApplication:
    """Builds the service at the first request, so that each worker a server forks has connections of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._built: Application | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._application()(environ, start_response)

    def _application(self) -> Application:
        with self._lock:
            if self._built is None:
                conf = configuration.new()
                log.setup(conf, "magnum_lite")
                self._built = api.build(conf)
            return self._built


application = LazyApplication()
