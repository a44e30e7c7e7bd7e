# SPDX-License-Identifier: Apache-2.0
"""The texts that stand in a node's files, each read by the rules of its file."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

import yaml

ASSIGNMENT = re.compile(r'(\w+)="((?:[^"\\]|\\["\\`$])*)"\n', re.DOTALL)

# Lines of gcfg: a section, or a name with a number, a word or a text in quotes.
QUOTED = re.compile(r'"((?:[^"\\\n]|\\["\\nt])*)"')
CLOUD_CONF = re.compile(rf"(?:\[\w+\]\n(?:[\w-]+ = (?:\w+|{QUOTED.pattern})\n)*\n?)+")
# A shorter text may be a word that only looks like base64.
LEAST_PACKED = 24


def of_file(path: str, content: str) -> Iterator[str]:
    """Give every text of a file; raise ``ValueError`` where it is not what its name says, or says nothing we know.

    A text that is a document itself, as in a ConfigMap, is taken apart as well.
    """
    yield from _of_tree(_tree(path, content))


def variables(content: str) -> dict[str, str]:
    """Read a file of variables strictly: nothing but assignments in double quotes (systemd.exec(5))."""
    found = dict(ASSIGNMENT.findall(content))
    if ASSIGNMENT.sub("", content):
        raise ValueError(f"this is no assignment: {ASSIGNMENT.sub('', content)}")
    return {name: re.sub(r'\\(["\\`$])', r"\1", value) for name, value in found.items()}


def _tree(path: str, content: str) -> object:
    suffix = PurePosixPath(path).suffix
    if suffix in (".json", ".kubeconfig"):
        return json.loads(content)
    if suffix in (".yaml", ".yml"):
        return list(yaml.safe_load_all(content))
    if suffix == ".toml" or "/registries.conf.d/" in path:
        return tomllib.loads(content)
    if suffix == ".env" or "/magnum-lite/env/" in path:
        return variables(content)
    if suffix in (".crt", ".pem") or path.endswith("/authorized_keys.d/ignition"):
        return content
    raise ValueError(f"what may stand in {path} is not known")


def _of_tree(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _of_tree(key)
            yield from _of_tree(value)
    elif isinstance(tree, list):
        for one in tree:
            yield from _of_tree(one)
    elif isinstance(tree, str):
        yield from _of_text(tree)


def _of_text(text: str) -> Iterator[str]:
    packed, inner = _packed(text), _document(text)
    if inner is not None:
        yield from _of_tree(inner)
    elif packed is not None:
        yield from _of_text(packed)
    else:
        yield text


def _packed(text: str) -> str | None:
    """Give what a text holds in base64, as a Secret has it, else nothing."""
    try:
        return base64.b64decode(text, validate=True).decode() if len(text) >= LEAST_PACKED else None
    except ValueError:
        return None


def _document(text: str) -> object:
    """Give what a text holds that is a document itself, in JSON or in the syntax of cloud.conf, else nothing."""
    if CLOUD_CONF.fullmatch(text):
        return [re.sub(r"\\(.)", _unescaped, value) for value in QUOTED.findall(text)]
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict | list) else None


def _unescaped(match: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(match[1], match[1])
