# SPDX-License-Identifier: Apache-2.0
"""What ``magnum-lite-manage release`` does: list, show, verify, export and pin releases."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from oslo_config import cfg

from magnum_lite.errors import BadRequest, NotFound
from magnum_lite.releases import cyclonedx, pinning, skew, spdx, verifying
from magnum_lite.releases.catalogue import Release
from magnum_lite.releases.installed import Releases
from magnum_lite.releases.registry import Registries
from magnum_lite.releases.verifying import Mirror

BILLS: Mapping[str, Callable[[Release, datetime.datetime], dict[str, object]]] = {
    "spdx": spdx.document,
    "cyclonedx": cyclonedx.document,
}
REGISTRY = "ask this registry instead of the images' own, such as http://127.0.0.1:5000"


def add_parser(groups: Any) -> None:
    """Add the group ``release`` and what belongs to it."""
    release = groups.add_parser("release", help="releases of Kubernetes").add_subparsers(dest="action", required=True)
    release.add_parser("list", help="print which releases there are, and what each does not pin")
    show = _with_tag(release, "show", "print everything that a release pins")
    show.add_argument("--format", choices=("text", "json"), default="text", help="how to write it (text)")
    show.add_argument("--urls", action="store_true", help="only what a mirror has to have, one a line")
    _add_mirror(show)
    verify = _with_tag(release, "verify", "ask registries and servers for what is pinned, and compare")
    verify.add_argument("entry", nargs="*", help="a component, or a binary (kubelet, kubelet/amd64); all unless given")
    verify.add_argument("--registry", default="", metavar="URL", help=REGISTRY)
    _add_mirror(verify)
    export = _with_tag(release, "export", "print a bill of materials as JSON")
    export.add_argument("--format", choices=sorted(BILLS), required=True, help="SPDX 2.3 or CycloneDX 1.5")
    pin = _with_tag(release, "pin", "ask registries for digests and keep them")
    pin.add_argument("component", nargs="*", help="COMPONENT, or COMPONENT=NAME:TAG, or COMPONENT=NAME:TAG@DIGEST")
    pin.add_argument("--all", action="store_true", help="everything that the release does not pin")
    pin.add_argument("--directory", type=Path, help="where the pins are kept (the first of [releases] directories)")
    pin.add_argument("--registry", default="", metavar="URL", help=REGISTRY)


def run(conf: cfg.ConfigOpts, given: argparse.Namespace) -> int:
    """Do one of them; 1 when something that is verified is not as pinned."""
    return _ACTIONS[given.action](conf, given)


def _list(conf: cfg.ConfigOpts, _: argparse.Namespace) -> int:
    releases = Releases.load(conf.releases.directories)
    for release in releases:
        mark = "*" if release.tag == releases.default else " "
        rest = f"not pinned: {', '.join(release.unpinned)}" if release.unpinned else "complete"
        print(f"{mark} {release.tag}  {rest}")
    print("* the release of clusters that name none")
    return 0


def _show(conf: cfg.ConfigOpts, given: argparse.Namespace) -> int:
    releases = Releases.load(conf.releases.directories)
    release, mirror = _get(releases, given.tag), _mirror(given)
    if given.urls:
        print("\n".join(sorted({place for _, place in verifying.places(release, mirror)})))
    elif given.format == "json":
        print(json.dumps({**dataclasses.asdict(release), "upgrades_to": _following(releases, release)}, indent=1))
    else:
        print("\n".join(_text(releases, release, mirror)))
    return 0


def _text(releases: Releases, release: Release, mirror: Mirror) -> Iterator[str]:
    yield f"release {release.tag}" + (" (default)" if release.tag == releases.default else "")
    yield f"can become: {', '.join(_following(releases, release)) or 'none of those that are here'}"
    sums = {name: one.sha256 for name, one in release.downloads().items()}
    for entry, place in verifying.places(release, mirror):
        yield f"  {entry}: {place}" + (f" sha256 {sums[entry]}" if entry in sums else "")
    for component, image in release.unpinned.items():
        yield f"  {component}: NOT PINNED, would be {image}"


def _verify(conf: cfg.ConfigOpts, given: argparse.Namespace) -> int:
    release = _get(Releases.load(conf.releases.directories), given.tag)
    wrong = 0
    with Registries(given.registry) as registries:
        for one in verifying.verify(release, given.entry, _mirror(given), registries):
            print(f"{'ok   ' if one.wrong is None else 'WRONG'} {one.entry}: {one.wrong or one.place}", flush=True)
            wrong += one.wrong is not None
    for component in release.unpinned if not given.entry else ():
        print(f"      {component}: not pinned")
    return 1 if wrong else 0


def _export(conf: cfg.ConfigOpts, given: argparse.Namespace) -> int:
    release = _get(Releases.load(conf.releases.directories), given.tag)
    print(json.dumps(BILLS[given.format](release, datetime.datetime.now(datetime.UTC)), indent=1))
    return 0


def _pin(conf: cfg.ConfigOpts, given: argparse.Namespace) -> int:
    directories: list[str] = conf.releases.directories
    directory = given.directory or (Path(directories[0]) if directories else None)
    if directory is None:
        raise BadRequest("there is no folder for pins: give --directory, or set [releases] directories")
    there = [directory] if directory.is_dir() and str(directory) not in directories else []
    release = _get(Releases.load([*directories, *there]), given.tag)
    images = pinning.wanted(release, given.component, everything=given.all)
    if not images and given.all:
        print(f"{release.tag} pins everything already")
        return 0
    if not images:
        raise BadRequest(f"nothing to pin: name components of {release.tag}, or --all for what it does not pin")
    with Registries(given.registry) as registries:
        found = list(pinning.resolve(images, registries))
    path = pinning.save(release, {one.component: one.image for one in found}, directory)
    for one in found:
        print(f"{one.component}: {one.image} for {', '.join(one.machines) or 'one kind of machine alone'}")
    for component in pinning.unpublished(release):
        if component not in images:
            print(f"{component}: not pinned, since nobody publishes it: build it and name where you pushed it to")
    print(f"kept in {path}; services read it when they start")
    if str(directory) not in directories:
        print(f"[releases] directories does not have {directory} yet")
    return 0


_ACTIONS: Mapping[str, Callable[[cfg.ConfigOpts, argparse.Namespace], int]] = {
    "list": _list,
    "show": _show,
    "verify": _verify,
    "export": _export,
    "pin": _pin,
}


def _with_tag(groups: Any, name: str, words: str) -> argparse.ArgumentParser:
    found: argparse.ArgumentParser = groups.add_parser(name, help=words)
    found.add_argument("tag", help="a release, such as v1.34.7")
    return found


def _add_mirror(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--image-prefix", default="", help="as clusters have it in the label container_infra_prefix")
    parser.add_argument("--download-prefix", default="", help="as clusters have it in the label download_prefix")


def _mirror(given: argparse.Namespace) -> Mirror:
    return Mirror(given.image_prefix, given.download_prefix)


def _get(releases: Releases, tag: str) -> Release:
    found = releases.find(tag)
    if found is None:
        raise NotFound("Release", f"{tag} (there are {', '.join(releases.tags)})")
    return found


def _following(releases: Releases, release: Release) -> list[str]:
    others = (one for one in releases if one.tag != release.tag)
    return [one.tag for one in others if skew.may_upgrade(release, one) is None]
