# SPDX-License-Identifier: Apache-2.0
"""The registry's routes, as the OCI distribution specification has them; nobody can push."""

import re

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.registry import Content
from magnum_lite.pocketcloud.web import Answer, Request, Route

DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


def routes() -> list[Route]:
    """Give the routes below /v2; none needs a token."""
    return [
        Route("GET,HEAD", "/", get_version, open=True),
        Route("GET,HEAD", "/<path:name>/manifests/<reference>", get_manifest, open=True),
        Route("GET,HEAD", "/<path:name>/blobs/<digest>", get_blob, open=True),
    ]


def get_version(_: Request) -> Answer:
    """Say that this is such a registry."""
    return Answer(200, {})


def get_manifest(request: Request) -> Answer:
    """Give an image's index by its tag, or any manifest by its digest."""
    reference = request.args["reference"]
    if DIGEST.fullmatch(reference):
        return _served(request.cloud.registry.find(reference), reference)
    if not TAG.fullmatch(reference):
        raise CloudFault(404, f"manifest unknown: {reference}")
    return _served(request.cloud.registry.image(request.args["name"], reference), reference)


def get_blob(request: Request) -> Answer:
    """Give a configuration or a layer."""
    return _served(request.cloud.registry.find(request.args["digest"]), request.args["digest"])


def _served(content: Content | None, reference: str) -> Answer:
    if content is None:
        raise CloudFault(404, f"manifest unknown: {reference}")
    return Answer(200, content.data, {"Content-Type": content.media, "Docker-Content-Digest": content.digest})
