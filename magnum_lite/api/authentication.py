# SPDX-License-Identifier: Apache-2.0
"""Who must show a Keystone token, and who checks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from keystonemiddleware import auth_token
from oslo_config import cfg

from magnum_lite.api import paths
from magnum_lite.api.versions import Application

IDENTITY = "magnum_lite.identity"

Authenticate = Callable[[Application], Application]


def keystone(conf: cfg.ConfigOpts) -> Authenticate:
    """Check tokens with Keystone as ``[keystone_authtoken]`` says."""

    def wrap(application: Application) -> Application:
        checked: Application = auth_token.AuthProtocol(application, {"oslo_config_config": conf})
        return checked

    return wrap


class Authentication:
    """Lets public paths through as they are; everything else only with a checked identity."""

    def __init__(self, application: Application, authenticate: Authenticate) -> None:
        self._public = application
        self._checked = authenticate(self._identified)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ.pop(IDENTITY, None)
        way = self._public if paths.is_public(environ["PATH_INFO"]) else self._checked
        return way(environ, start_response)

    def _identified(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[IDENTITY] = True
        return self._public(environ, start_response)
