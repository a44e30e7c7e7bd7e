# SPDX-License-Identifier: Apache-2.0
"""Sessions with the cloud: who calls, which endpoints, and for how long at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keystoneauth1 import loading
from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity import V3Password
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.session import Session
from oslo_config import cfg

from magnum_lite.clouds.translation import translated
from magnum_lite.conf import SERVICE_AUTH
from magnum_lite.errors import ConfigurationError

USER_AGENT = "magnum-lite"

# Version documents by URL. They tell the same to everybody, so that a user's short session need not ask again.
_DISCOVERED: dict[str, Any] = {}


class CloudSession(Session):
    """A keystoneauth session that knows which endpoints to call; threads may share it.

    ``timeout`` of every call is ``[service_clients] timeout``; only a GET is tried again when it finds no connection.
    """

    def __init__(self, conf: cfg.ConfigOpts, auth: BaseAuthPlugin) -> None:
        options = conf.service_clients
        certificate = (options.certfile, options.keyfile) if options.certfile and options.keyfile else options.certfile
        super().__init__(
            auth=auth,
            verify=False if options.insecure else options.cafile or True,
            cert=certificate,
            timeout=options.timeout,
            app_name=USER_AGENT,
            collect_timing=options.collect_timing,
            split_loggers=options.split_loggers,
            discovery_cache=_DISCOVERED,
        )
        self.region_name: str | None = options.region_name
        self.interface = _interface(options.valid_interfaces)
        self.get_retries: int = options.connect_retries
        self.retry_delay: float | None = options.connect_retry_delay
        self.known_ids: dict[tuple[str, str], str] = {}

    def request(self, url: str, method: str, **options: Any) -> Any:  # type: ignore[override]
        """Send a request by our own name: the clients of Heat and Nova give theirs, and logs would tell of nobody."""
        return super().request(url, method, **{**options, "user_agent": USER_AGENT})


def _interface(valid: list[str]) -> str | list[str]:
    """Give one as a word, which reads better where keystoneauth misses it, and several as a list, the best first."""
    return valid[0] if len(valid) == 1 else valid


@dataclass(frozen=True)
class Service:
    """A service as the catalog knows it, and the major version of its API that we speak."""

    type: str
    name: str
    version: str | None = None


KEYSTONE = Service("identity", "keystone", "3")
NOVA = Service("compute", "nova", "2.1")
NEUTRON = Service("network", "neutron", "2.0")
GLANCE = Service("image", "glance", "2")
CINDER = Service("block-storage", "cinder", "3")


def service_session(conf: cfg.ConfigOpts) -> CloudSession:
    """Give a session of the service's own identity, ``[service_auth]``; raise ``ConfigurationError`` without one.

    One is enough for a process: it renews its token by itself.
    """
    try:
        auth = loading.load_auth_from_conf_options(conf, SERVICE_AUTH)
    except ClientException as error:
        raise ConfigurationError(f"[{SERVICE_AUTH}] cannot be used: {error}") from error
    if auth is None:
        raise ConfigurationError(f"[{SERVICE_AUTH}] auth_type is not set")
    return CloudSession(conf, auth)


def user_session(conf: cfg.ConfigOpts, auth_plugin: BaseAuthPlugin) -> CloudSession:
    """Give a session of the one who made a request; it lives no longer than the request."""
    return CloudSession(conf, auth_plugin)


def cluster_session(
    conf: cfg.ConfigOpts,
    *,
    auth_url: str,
    user_id: str,
    password: str,
    project_id: str | None = None,
    trust_id: str | None = None,
) -> CloudSession:
    """Give a session of a cluster's own user, on a project or by a trust, which says itself what it is about."""
    auth = V3Password(auth_url, user_id=user_id, password=password, project_id=project_id, trust_id=trust_id)
    return CloudSession(conf, auth)


def adapter(session: CloudSession, service: Service) -> Adapter:
    """Give keystoneauth's adapter for a service; what it raises wants ``translated(service.name)``."""
    version = service.version
    return Adapter(
        session,
        service_type=service.type,
        region_name=session.region_name,
        interface=session.interface,
        connect_retry_delay=session.retry_delay,
        min_version=version,
        max_version=version and f"{version.partition('.')[0]}.latest",
        raise_exc=True,
    )


def get_json(
    session: CloudSession,
    service: Service,
    path: str,
    query: Mapping[str, Any] | None = None,
    *,
    most_seconds: float | None = None,
) -> dict[str, Any]:
    """Read an object of a service's API: the JSON body of a GET, within ``most_seconds`` or the session's timeout."""
    limits = {} if most_seconds is None else {"timeout": most_seconds}
    with translated(service.name):
        answer = adapter(session, service).get(path, params=query, connect_retries=session.get_retries, **limits)
        body = answer.json()
        if not isinstance(body, dict):
            raise ValueError(f"a JSON object was expected, not {type(body).__name__}")
        return body
