# SPDX-License-Identifier: Apache-2.0
"""The command ``magnum-lite-render``: what a request would have built, with no cloud at all."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from magnum_lite import conf as configuration
from magnum_lite.drivers import placeholders
from magnum_lite.drivers.base import Driver, Rendering, Wish
from magnum_lite.drivers.registry import Registry
from magnum_lite.errors import BadRequest, MagnumLiteError
from magnum_lite.heat import ignition, preview
from magnum_lite.model.cluster import Cluster
from magnum_lite.model.nodegroup import MASTER

FILE_OF = {MASTER: "master.yaml"}
NOTE = "IDs are made from names, addresses are examples, and what begins with PLACEHOLDER is known only once built."


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("magnum-lite-render", description="Show what a request would have built.")
    top.add_argument("request", type=Path, help="a JSON file with the body of POST /v1/clusters")
    top.add_argument("--template", type=Path, help="a JSON file with the body of POST /v1/clustertemplates")
    top.add_argument("--driver", default="k8s_fcos", help="the driver that renders (k8s_fcos)")
    top.add_argument(
        "--config-file", action="append", default=[], help="a configuration file, for its releases and pins"
    )
    top.add_argument("--output", type=Path, help="a folder to write files to, instead of printing them")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or write every part; 1 with one sentence when the request cannot be built."""
    options = parser().parse_args(arguments)
    try:
        driver = Registry.from_conf(configuration.new([], options.config_file)).get(options.driver)
        cluster = placeholders.cluster(_read(options.request), _read(options.template), driver=driver)
        driver.check(wish_of(cluster))
        parts = dict(render(driver, cluster))
    except MagnumLiteError as error:
        print(f"magnum-lite-render: {error.message}", file=sys.stderr)
        return 1
    if options.output is None:
        _show(parts)
    else:
        _write(parts, options.output)
    return 0


def render(driver: Driver, cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Give the name and text of each file: what Heat is sent, and per kind of node its Ignition and document."""
    material = placeholders.material(cluster)
    rendering = driver.render(cluster, material)
    yield "stack/cluster.yaml", rendering.template
    for name, text in rendering.files.items():
        yield f"stack/{name}", text
    yield "parameters.json", _json(rendering.parameters)
    if not rendering.files:
        return
    settings: Any = rendering.parameters["settings"]
    placeholders.place(cluster, settings["network"]["cidr"])
    yield "ignition/every-node.json", _json(ignition.unpacked(settings["ignition"]))
    for kind, node in placeholders.kinds(cluster):
        yield f"ignition/{kind}.json", _json(_user_data(rendering, kind, node.role, str(node.index)))
        document = driver.node_document(cluster, node, placeholders.secrets())
        yield f"document/{kind}.json", _json(json.loads(document.to_json()))


def _user_data(rendering: Rendering, kind: str, role: str, index: str) -> object:
    parameters: Any = rendering.parameters
    nodes = parameters["masters" if role == MASTER else "workers"]
    told = {"settings": parameters["settings"], "node": nodes[index], "is_first": kind == "first-master"}
    return preview.user_data(rendering.files[FILE_OF.get(role, "worker.yaml")], told)


def wish_of(cluster: Cluster) -> Wish:
    """Give what the driver judges before anything is rendered."""
    return Wish(
        master_count=len(cluster.masters),
        node_count=len(cluster.workers),
        flavor_id=cluster.flavor_id,
        master_flavor_id=cluster.master_flavor_id,
        labels=cluster.labels,
        master_lb_enabled=cluster.master_lb_enabled,
        floating_ip_enabled=cluster.floating_ip_enabled,
        external_network_id=cluster.external_network_id,
        fixed_network=cluster.fixed_network,
        fixed_subnet=cluster.fixed_subnet,
        network_driver=cluster.network_driver,
        volume_driver=cluster.volume_driver,
        docker_volume_size=cluster.docker_volume_size,
        insecure_registry=cluster.insecure_registry,
    )


def _read(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadRequest(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise BadRequest(f"{path} must hold a JSON object")
    return found


def _json(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True)


def _show(parts: Mapping[str, str]) -> None:
    print(f"# {NOTE}")
    for name, text in parts.items():
        print(f"\n# {name}: {len(text.encode())} bytes\n{text}")
    print(f"\n# the request to Heat: {_request_bytes(parts)} bytes")


def _write(parts: Mapping[str, str], folder: Path) -> None:
    for name, text in parts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
        print(f"{len(text.encode()):>9} bytes  {path}")
    print(f"{_request_bytes(parts):>9} bytes  the request to Heat\n{NOTE}")


def _request_bytes(parts: Mapping[str, str]) -> int:
    files = {name: text for name, text in parts.items() if name.startswith("stack/")}
    body = {"files": files, "parameters": json.loads(parts["parameters.json"])}
    return len(json.dumps(body, separators=(",", ":")))


if __name__ == "__main__":
    sys.exit(main())
