# SPDX-License-Identifier: Apache-2.0
"""Kubernetes objects from YAML files, in which tags stand for typed values; text is never put together.

``!value name`` stands for a value as it is: text, number, list, mapping. ``!image component`` stands for a component's
pinned image. ``!text "--flag={name}"`` stands for a text with words and numbers in it, such as an argument.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import ConfigurationError

# The loader in C is ten times as fast where there is one.
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NAME_IN_TEXT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Blank:
    """A place in a file that is filled in for each cluster: its tag and what stands behind it."""

    tag: str
    text: str


@dataclass(frozen=True)
class Filling:
    """What the blanks of one file are filled with."""

    path: Path
    values: Mapping[str, object]
    image: Callable[[str], str]


class Loader(SAFE_LOADER):  # type: ignore[misc]
    """Reads JSON's types alone, and our tags as blanks."""

    # Kubernetes knows no dates: they are texts.
    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def load(
    folder: Path, values: Mapping[str, object], place: Place, *, without: Collection[str] = ()
) -> tuple[dict[str, Any], ...]:
    """Give the objects of a folder's YAML files, by the files' names, in the files' order.

    ``without`` names files that are left out. Raises ``ConfigurationError`` that names the file and the name that
    it has no value or image for.
    """
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name not in without:
            filling = Filling(path, values, place.image)
            found.extend(_filled(tree, filling) for tree in _trees(path))
    return tuple(found)


@functools.cache
def _trees(path: Path) -> tuple[object, ...]:
    """Read a file once: what a cluster gets of it is always a copy."""
    documents = yaml.load_all(path.read_text(), Loader)
    return tuple(one for one in documents if one is not None)


def _filled(tree: object, filling: Filling) -> Any:
    if isinstance(tree, dict):
        return {key: _filled(value, filling) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_filled(value, filling) for value in tree]
    if isinstance(tree, Blank):
        return FILL[tree.tag](tree.text, filling)
    return tree


def _value(name: str, filling: Filling) -> object:
    try:
        return filling.values[name]
    except KeyError:
        raise ConfigurationError(f"{_named(filling.path)} has a place for {name}, which has no value") from None


def _image(component: str, filling: Filling) -> str:
    try:
        return filling.image(component)
    except KeyError:
        raise ConfigurationError(
            f"{_named(filling.path)} has a place for image {component}, which is no one's"
        ) from None


def _text(template: str, filling: Filling) -> str:
    return NAME_IN_TEXT.sub(lambda match: _word(match.group(1), filling), template)


def _word(name: str, filling: Filling) -> str:
    value = _value(name, filling)
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise ConfigurationError(f"{_named(filling.path)} has {name} within a text, but it is no word and no number")
    return str(value)


def _named(path: Path) -> str:
    return f"manifest {path.parent.parent.name}/{path.name}"


FILL: Mapping[str, Callable[[str, Filling], object]] = {"!value": _value, "!image": _image, "!text": _text}


def _blank(loader: Loader, node: yaml.ScalarNode) -> Blank:
    return Blank(node.tag, str(loader.construct_scalar(node)))


for tag in FILL:
    Loader.add_constructor(tag, _blank)
