# SPDX-License-Identifier: Apache-2.0
"""Manifests of other projects, parsed and adjusted as objects: images pinned, variables set, parts patched; no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from magnum_lite.agent.errors import BadDocument
from magnum_lite.agent.kubernetes import Reference
from magnum_lite.nodeconf import Upstream

LONGEST_MANIFEST = 8 * 1024 * 1024
CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
TAG_OR_DIGEST = re.compile(r"(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$", re.ASCII)
# The loader in C is ten times as fast where there is one.
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(SAFE_LOADER):  # type: ignore[misc]
    """Reads JSON's types alone: Kubernetes knows no dates."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def adjusted(manifest: bytes, upstream: Upstream) -> tuple[dict[str, Any], ...]:
    """Give the objects of a manifest as they shall be applied.

    Raises ``BadDocument`` for a manifest that cannot be read, an image that is not pinned, or an adjustment that fits
    nothing in it: what is silently not adjusted would run with another project's settings.
    """
    items = list(_parsed(manifest, upstream.source.url))
    for key, patch in upstream.patches.items() if items else ():
        items = _patched(items, key, patch, upstream.source.url)
    containers = [one for item in items for one in _containers(item)]
    for one in containers:
        one["image"] = _pinned(one.get("image"), upstream)
    _set_variables(containers, upstream)
    return tuple(items)


def merged(value: Any, patch: Any) -> Any:
    """Give what a JSON merge patch makes of a value (RFC 7396)."""
    if not isinstance(patch, Mapping):
        return patch
    found = dict(value) if isinstance(value, Mapping) else {}
    for name, one in patch.items():
        if one is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), one)
    return found


def _parsed(manifest: bytes, url: str) -> Iterator[dict[str, Any]]:
    if len(manifest) > LONGEST_MANIFEST:
        raise BadDocument(f"{url} is longer than {LONGEST_MANIFEST} bytes")
    try:
        documents = list(yaml.load_all(manifest, Loader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadDocument(f"{url} is no YAML: {error}") from error
    for one in documents:
        is_list = isinstance(one, dict) and str(one.get("kind")).endswith("List") and "items" in one
        for item in one["items"] or () if is_list else (one,):
            if item is not None:
                Reference.of(item)
                yield item


def _patched(items: list[dict[str, Any]], key: str, patch: Mapping[str, Any] | None, url: str) -> list[dict[str, Any]]:
    if key not in {_key(item) for item in items}:
        raise BadDocument(f"{url} has no {key} to be patched")
    if patch is None:
        return [item for item in items if _key(item) != key]
    return [merged(item, patch) if _key(item) == key else item for item in items]


def _key(item: Mapping[str, Any]) -> str:
    return f"{item['kind']}/{item['metadata']['name']}"


def _containers(tree: Any) -> Iterator[dict[str, Any]]:
    """Give every container of an object, however deep its pods are described."""
    if isinstance(tree, list):
        for one in tree:
            yield from _containers(one)
    if not isinstance(tree, dict) or tree.get("kind") == "CustomResourceDefinition":
        return
    for name, value in tree.items():
        if name in CONTAINERS and isinstance(value, list):
            yield from (one for one in value if isinstance(one, dict))
        else:
            yield from _containers(value)


def _pinned(image: object, upstream: Upstream) -> str:
    name = TAG_OR_DIGEST.sub("", str(image))
    try:
        return upstream.images[name]
    except KeyError:
        raise BadDocument(f"{upstream.source.url} runs the image {image}, which is not pinned for it") from None


def _set_variables(containers: list[dict[str, Any]], upstream: Upstream) -> None:
    for name, variables in upstream.environment.items() if containers else ():
        named = [one for one in containers if one.get("name") == name]
        if not named:
            raise BadDocument(f"{upstream.source.url} has no container {name}, whose variables are to be set")
        for one in named:
            others = [known for known in one.get("env") or () if known.get("name") not in variables]
            one["env"] = others + [{"name": key, "value": value} for key, value in variables.items()]
