# SPDX-License-Identifier: Apache-2.0
"""Files of a node made from those that lie in ``node/``: configuration with values put in, variables, kubeconfigs."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from magnum_lite.drivers.k8s_fcos import addresses, environment
from magnum_lite.nodeconf import File

NODE = Path(__file__).parent / "node"
PKI = "/etc/kubernetes/pki"
SECRET = 0o600


def skeleton(name: str, **values: object) -> dict[str, Any]:
    """Give a fresh copy of a configuration with these values on its top floor."""
    return {**copy.deepcopy(_parsed(NODE / "config" / f"{name}.yaml")), **values}


@functools.cache
def _parsed(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def variables(name: str, values: Mapping[str, str]) -> File:
    """Give the variables of a unit."""
    return File(f"/etc/magnum-lite/env/{name}", environment.render(values))


def kubeconfig(name: str, server: str) -> File:
    """Give the file by which a part on this node reaches the API server, as the owner of its certificate."""
    found = skeleton("kubeconfig")
    found["clusters"][0]["cluster"]["server"] = addresses.url(server)
    found["users"][0]["user"] = {"client-certificate": f"{PKI}/{name}.crt", "client-key": f"{PKI}/{name}.key"}
    return File(f"/etc/kubernetes/{name}.kubeconfig", json.dumps(found), SECRET)


def unit(name: str) -> str:
    """Give the text of a unit, whichever nodes it is for."""
    (path,) = (NODE / "units").glob(f"*/{name}.service")
    return path.read_text()
