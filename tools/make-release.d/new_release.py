# SPDX-License-Identifier: Apache-2.0
"""Writes the file of a release: what components.yaml names, pinned by what lists and registries say."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from checksums import Digest, Sums, digests

from magnum_lite.errors import ConfigurationError, MagnumLiteError
from magnum_lite.releases import pinning, skew
from magnum_lite.releases.catalogue import BINARIES, COMPONENTS, MACHINES, MANIFESTS, Release
from magnum_lite.releases.image_names import ImageName
from magnum_lite.releases.registry import Registries
from magnum_lite.releases.release_files import read_release, write

COMPONENTS_FILE = Path(__file__).parent / "components.yaml"
OFFICIAL = "kubernetes/k8s.io@"


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("make-release", description="Write the file of a release of Kubernetes.")
    top.add_argument("tag", help="the release, such as v1.34.7")
    top.add_argument("--output", type=Path, required=True, help="the folder that the file is written to")
    top.add_argument("--images", type=Path, help="a table of digests: columns image, tag, digest, source, with tabs")
    top.add_argument("--trust", default=OFFICIAL, help=f"how a source begins that is believed ({OFFICIAL})")
    top.add_argument(
        "--sums",
        type=Path,
        action="append",
        default=[],
        help="a table (columns url, sha256) or a folder of published HOST/PATH.sha256 files; may be repeated",
    )
    top.add_argument("--ask", action="store_true", help="ask the images' registries for what the table does not have")
    top.add_argument(
        "--registry", default="", help="ask this one instead of the images' own, such as http://127.0.0.1:5000"
    )
    top.add_argument("--note", action="append", default=[], help="a line for the head of the file; may be repeated")
    top.add_argument("--components", type=Path, default=COMPONENTS_FILE, help="what goes into which minor")
    return top


def main(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    path = options.output / f"{options.tag}.yaml"
    try:
        release = make(options, path)
    except (MagnumLiteError, OSError) as error:
        print(f"make-release: {error}", file=sys.stderr)
        return 1
    print(f"{path}: {len(release.images)} images pinned, not pinned: {', '.join(release.unpinned) or 'none'}")
    return 0


def make(options: argparse.Namespace, path: Path) -> Release:
    """Gather everything, write the file and give the release that is in it."""
    plan = _plan(options.components, options.tag)
    known = digests(options.images, trusted=options.trust) if options.images else {}
    named = {name: plan["images"][name].format(tag=options.tag) for name in COMPONENTS if name in plan["images"]}
    pinned = {name: f"{image}@{known[image].digest}" for name, image in named.items() if image in known}
    head = [*_head(options, [known[image] for image in named.values() if image in known])]
    if options.ask:
        rest = {name: ImageName.find(image) for name, image in named.items() if name not in pinned}
        askable = {name: image for name, image in rest.items() if image and image.registry}
        with Registries(options.registry) as registries:
            pinned |= {one.component: one.image for one in pinning.resolve(askable, registries)}
    sums = Sums(options.sums)
    tree = {
        "release": options.tag,
        "images": {name: pinned[name] for name in named if name in pinned},
        "binaries": {name: _binary(plan, name, options.tag, sums) for name in BINARIES},
        "manifests": {
            name: _manifest(plan, name, options.tag, sums) for name in MANIFESTS if name in plan["manifests"]
        },
        "unpinned": {name: image for name, image in named.items() if name not in pinned},
    }
    return _written(path, head, tree)


def _written(path: Path, head: list[str], tree: Mapping[str, object]) -> Release:
    """Write the file where it belongs once it reads as a release that obeys the rules of skew."""
    with tempfile.TemporaryDirectory(prefix="make-release-") as folder:
        draft = Path(folder) / path.name
        write(draft, head, tree)
        release = read_release(draft)
    broken = next(skew.broken_rules(release), None)
    if broken:
        raise ConfigurationError(broken)
    write(path, head, tree)
    return release


def _plan(path: Path, tag: str) -> Mapping[str, Any]:
    """Give what components.yaml says of a minor, together with what it says of every one."""
    tree = yaml.safe_load(path.read_text())
    minor = tag.lstrip("v").rpartition(".")[0]
    if minor not in tree:
        raise SystemExit(
            f"make-release: {path} says nothing of {minor}; it knows {', '.join(sorted(set(tree) - {'every', 'urls'}))}"
        )
    kinds = ("images", "binaries", "manifests")
    return {
        "urls": tree["urls"],
        **{kind: {**tree["every"].get(kind, {}), **tree[minor].get(kind, {})} for kind in kinds},
    }


def _binary(plan: Mapping[str, Any], name: str, tag: str, sums: Sums) -> dict[str, dict[str, str]]:
    version = plan["binaries"][name].format(tag=tag)
    urls = {machine: _url(plan, name, version, machine) for machine in MACHINES}
    return {machine: _download(url, sums) for machine, url in urls.items()}


def _manifest(plan: Mapping[str, Any], name: str, tag: str, sums: Sums) -> dict[str, str]:
    return _download(_url(plan, name, plan["manifests"][name].format(tag=tag), ""), sums)


def _url(plan: Mapping[str, Any], name: str, version: str, machine: str) -> str:
    url: str = plan["urls"][name]
    return url.format(tag=version, version=version.lstrip("v"), machine=machine)


def _download(url: str, sums: Sums) -> dict[str, str]:
    sha256 = sums.find(url)
    if sha256 is None:
        raise SystemExit(f"make-release: no list has the SHA-256 of {url}")
    return {"url": url, "sha256": sha256}


def _head(options: argparse.Namespace, used: list[Digest]) -> Iterator[str]:
    yield "SPDX-License-Identifier: Apache-2.0"
    yield f"Kubernetes {options.tag}, written by tools/make-release. What is unpinned an operator pins:"
    yield f"magnum-lite-manage release pin {options.tag} COMPONENT."
    for source in sorted({one.source for one in used}):
        yield f"Digests: {source}"
    if options.ask:
        yield f"Digests that no list had: {options.registry or 'the registries of the images'}, asked by tag"
    yield from options.note


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
