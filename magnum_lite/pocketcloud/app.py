# SPDX-License-Identifier: Apache-2.0
"""The WSGI application: every service of the pocket cloud below its path prefix."""

import contextlib
import dataclasses
import json
import logging
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug import exceptions
from werkzeug.routing import Map, MapAdapter, RequestRedirect, Rule
from werkzeug.wrappers import Request as HTTPRequest
from werkzeug.wrappers import Response

from magnum_lite.pocketcloud import fault_bodies, versions
from magnum_lite.pocketcloud.catalog import SERVICES, Service
from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.scope import Scope
from magnum_lite.pocketcloud.web import Answer, Request, Route

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

LOG = logging.getLogger(__name__)
NOBODY = Scope("", "")
LARGEST_BODY = 8 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Mounted:
    """A route where it is reached: its service, and the prefix up to which links are made."""

    service: Service
    route: Route
    prefix: str


class Application:
    """Answers HTTP requests for one cloud."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._maps: dict[str, Map] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        http = HTTPRequest(environ)
        service = _service_at(http.path)
        answer = self._answer(http, service)
        LOG.debug("%s %s -> %s", http.method, http.path, answer.status)
        response = _response(answer)
        response.headers["X-Openstack-Request-Id"] = f"req-{uuid.uuid4()}"
        if service is not None and service.newest.newest:
            _add_version_headers(response, http, service)
        return response(environ, start_response)

    def _answer(self, http: HTTPRequest, service: Service | None) -> Answer:
        name = service.name if service else ""
        try:
            if service is None:
                raise CloudFault(404, "The resource could not be found.")
            mounted, args = _match(self._map(service).bind_to_environ(http.environ))
            return self._handle(http, mounted, args)
        except CloudFault as fault:
            return _refusal(name, fault, http)
        except Exception:
            LOG.exception("%s %s failed", http.method, http.path)
            return _refusal(name, CloudFault(500, "The pocket cloud failed; its log says why."), http)

    def _map(self, service: Service) -> Map:
        """Give the service's routes, compiled when they are first needed; two threads may both do so, to no harm."""
        if service.name not in self._maps:
            rules = [
                Rule(prefix + route.path, methods=route.methods.split(","), endpoint=Mounted(service, route, prefix))
                for prefix, routes in service.mounts
                for route in routes(self._cloud)
            ]
            self._maps[service.name] = Map(rules, strict_slashes=False, merge_slashes=False)
        return self._maps[service.name]

    def _handle(self, http: HTTPRequest, mounted: Mounted, args: dict[str, str]) -> Answer:
        service, route = mounted.service, mounted.route
        with self._cloud.lock:
            self._cloud.calls[f"{service.name} {http.method} {route.path}"] += 1
        scope = NOBODY if route.open else self._scope(http)
        if not route.open:
            _check_project(service, route, scope, args, http.method)
        request = self._request(http, mounted, args, scope)
        if not service.faulty:
            return route.handler(request)
        versions.requested(request.headers, service.newest)
        with self._cloud.faults.door(service.name, route.handler.__name__, scope, _name_in(request.json)):
            return route.handler(request)

    def _scope(self, http: HTTPRequest) -> Scope:
        scope = self._cloud.identity.scope_of(http.headers.get("X-Auth-Token", ""))
        if scope is None:
            raise CloudFault(401, "The request you have made requires authentication.", "Unauthorized")
        return scope

    def _request(self, http: HTTPRequest, mounted: Mounted, args: dict[str, str], scope: Scope) -> Request:
        prefix = mounted.prefix.replace("<project_id>", args.get("project_id", ""))
        return Request(
            cloud=self._cloud,
            scope=scope,
            args=args,
            query=http.args.to_dict(flat=False),
            json=_json_of(http),
            headers=http.headers,  # type: ignore[arg-type]
            base_url=http.host_url.rstrip("/") + prefix,
        )


def _match(adapter: MapAdapter) -> tuple[Mounted, dict[str, str]]:
    try:
        mounted, args = adapter.match()
    except exceptions.MethodNotAllowed as error:
        raise CloudFault(405, "The method is not allowed for this resource.") from error
    except (exceptions.NotFound, RequestRedirect) as error:
        raise CloudFault(404, "The resource could not be found.") from error
    assert isinstance(mounted, Mounted)  # noqa: S101 - the map holds nothing else
    return mounted, {key: str(value) for key, value in args.items()}


def _service_at(path: str) -> Service | None:
    for service in SERVICES:
        if path.startswith(service.root + "/") or path == service.root:
            return service
    return None


def _check_project(service: Service, route: Route, scope: Scope, args: dict[str, str], method: str | None) -> None:
    """Raise 403 for another project's path, and for a change by somebody who may only read."""
    if not service.tenant:
        return
    asked = args.get("project_id", scope.project_id)
    if not scope.sees(asked) or not scope.project_id:
        raise CloudFault(403, f"You are not authorized to use project {asked or 'none'}.", "Forbidden")
    if method not in ("GET", "HEAD") and not route.reads and not scope.may_write:
        message = f"Policy doesn't allow {service.name}:{route.handler.__name__} to be performed."
        raise CloudFault(403, message, "Forbidden")


def _json_of(http: HTTPRequest) -> Any:
    if http.content_length is not None and http.content_length > LARGEST_BODY:
        raise CloudFault(413, f"The request body has {http.content_length} bytes; at most {LARGEST_BODY} are taken.")
    data = http.get_data()
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError as error:
        raise CloudFault(400, f"The request body is not JSON: {error}.") from error


def _name_in(body: Any) -> str:
    """Give the name of what the body speaks of: {"server": {"name": ...}} or, in Heat, {"stack_name": ...}."""
    if not isinstance(body, dict):
        return ""
    inner = [one.get("name") for one in body.values() if isinstance(one, dict)]
    names = [body.get("stack_name"), *inner]
    return next((name for name in names if isinstance(name, str)), "")


def _refusal(service: str, fault: CloudFault, http: HTTPRequest) -> Answer:
    headers = {}
    if fault.status == 401:
        headers["WWW-Authenticate"] = f'Keystone uri="{http.host_url}identity"'
    return Answer(fault.status, fault_bodies.body_of(service, fault), headers)


def _response(answer: Answer) -> Response:
    if isinstance(answer.body, str):
        response = Response(answer.body, answer.status, content_type="text/plain; charset=utf-8")
    elif isinstance(answer.body, bytes):
        response = Response(answer.body, answer.status)
    elif answer.body is None:
        response = Response(b"", answer.status)
        del response.headers["Content-Type"]
    else:
        response = Response(json.dumps(answer.body), answer.status, content_type="application/json")
    response.headers.update(answer.headers)
    return response


def _add_version_headers(response: Response, http: HTTPRequest, service: Service) -> None:
    with contextlib.suppress(CloudFault):
        given = versions.requested(http.headers, service.newest)  # type: ignore[arg-type]
        response.headers["OpenStack-API-Version"] = f"{service.newest.word} {given}"
        if service.name == "nova":
            response.headers["X-OpenStack-Nova-API-Version"] = given
        response.headers["Vary"] = "OpenStack-API-Version"
