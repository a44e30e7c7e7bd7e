# SPDX-License-Identifier: Apache-2.0
"""Each service's own JSON for an error, so that unmodified clients show its sentence."""

import http.client
from typing import Any

from magnum_lite.pocketcloud.errors import CloudFault

NOVA_WORDS = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}


def body_of(service: str, fault: CloudFault) -> dict[str, Any]:
    """Write a fault the way the named service does."""
    return _BODIES.get(service, _plain)(fault)


def title(status: int) -> str:
    """Give the status' usual words."""
    return http.client.responses.get(status, "Error")


def _keystone(fault: CloudFault) -> dict[str, Any]:
    return {"error": {"code": fault.status, "message": fault.message, "title": title(fault.status)}}


def _heat(fault: CloudFault) -> dict[str, Any]:
    return {
        "code": fault.status,
        "title": title(fault.status),
        "explanation": "The server could not comply with the request.",
        "error": {"type": fault.kind or "HTTPError", "message": fault.message, "traceback": None},
    }


def _nova(fault: CloudFault) -> dict[str, Any]:
    return {NOVA_WORDS.get(fault.status, "computeFault"): {"code": fault.status, "message": fault.message}}


def _neutron(fault: CloudFault) -> dict[str, Any]:
    kind = fault.kind or f"HTTP{title(fault.status).replace(' ', '')}"
    return {"NeutronError": {"type": kind, "message": fault.message, "detail": ""}}


def _glance(fault: CloudFault) -> dict[str, Any]:
    return {"message": fault.message, "code": f"{fault.status} {title(fault.status)}", "title": title(fault.status)}


def _octavia(fault: CloudFault) -> dict[str, Any]:
    side = "Client" if fault.status < 500 else "Server"
    return {"faultcode": side, "faultstring": fault.message, "debuginfo": None}


def _plain(fault: CloudFault) -> dict[str, Any]:
    return {"error": {"code": fault.status, "message": fault.message}}


_BODIES = {
    "keystone": _keystone,
    "heat": _heat,
    "nova": _nova,
    "neutron": _neutron,
    "glance": _glance,
    "cinder": _nova,
    "octavia": _octavia,
}
