# SPDX-License-Identifier: Apache-2.0
"""Which versions go together, and which release may follow which.

The rules are those of kubernetes.io/releases/version-skew-policy and of the projects' own tables of what they test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from magnum_lite.releases.catalogue import CALICO, CLOUD_PROVIDER, Release

Version = tuple[int, int, int]

_NUMBERS = re.compile(r"(?<![\d.])v?(\d+)\.(\d+)(?:\.(\d+))?(?![\d])", re.ASCII)


@dataclass(frozen=True)
class Rule:
    """How many minors a component may be older than the API server, and never newer."""

    component: str
    older: int


RULES = (
    Rule("kube-controller-manager", 1),
    Rule("kube-scheduler", 1),
    Rule("kube-proxy", 3),
    *(Rule(component, 1) for component in CLOUD_PROVIDER),
    Rule("cluster-autoscaler", 0),
)
KUBELET_OLDER = 3

# The lowest of each line that containerd recommends for a minor of Kubernetes; other lines are not for it.
CONTAINERD: Mapping[int, tuple[Version, ...]] = {
    34: ((1, 6, 39), (1, 7, 28), (2, 0, 6), (2, 1, 3), (2, 2, 0), (2, 3, 0)),
    35: ((1, 7, 28), (2, 1, 5), (2, 2, 0), (2, 3, 0)),
    36: ((2, 2, 0), (2, 3, 0)),
}
# The minors of Kubernetes that Calico tests each of its lines with.
CALICO_TESTED: Mapping[tuple[int, int], range] = {(3, 31): range(32, 36), (3, 32): range(34, 37)}
# An etcd of the line 3.5 must have come this far before it becomes one of 3.6.
ETCD_BEFORE_3_6: Version = (3, 5, 24)


def version(text: str) -> Version | None:
    """Find the first version in a tag, an image's name or a URL."""
    where = urlsplit(text).path if "://" in text else text.partition("@")[0].rpartition(":")[2]
    found = _NUMBERS.search(where)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def age(tag: str) -> tuple[int, ...]:
    """Give what releases are ordered by."""
    return tuple(int(number) for number in re.findall(r"\d+", tag))


def may_upgrade(current: Release, wanted: Release) -> str | None:
    """Say why a cluster of one release cannot become one of another, or ``None`` when it can.

    One minor at a time, and never back; patches of the same minor may be skipped.
    """
    (major, minor, *_), (to_major, to_minor, *_) = age(current.tag), age(wanted.tag)
    if age(wanted.tag) < age(current.tag):
        return f"{wanted.tag} is older than {current.tag}, and Kubernetes does not go back"
    if to_major != major or to_minor > minor + 1:
        return f"from {current.tag} to {wanted.tag} is more than one minor, and Kubernetes goes one at a time"
    return _etcd_may_follow(current, wanted)


def kubelet_may_run(kubelet: str, apiserver: str) -> str | None:
    """Say why a kubelet of one release cannot run with the API server of another, or ``None`` when it can."""
    return _apart(f"kubelet {kubelet}", age(kubelet)[1], age(apiserver)[1], KUBELET_OLDER)


def broken_rules(release: Release) -> Iterator[str]:
    """Tell each rule that a release breaks, as an entry and a sentence."""
    minor = age(release.tag)[1]
    yield from _same_release(release)
    for rule in RULES:
        found = version(release.images.get(rule.component, ""))
        reason = found and _apart(f"{rule.component} v{found[0]}.{found[1]}", found[1], minor, rule.older)
        if reason:
            yield f"images.{rule.component}: {reason}"
    yield from _containerd(release, minor)
    yield from _calico(release, minor)


def _same_release(release: Release) -> Iterator[str]:
    if not release.images["kube-apiserver"].partition("@")[0].endswith(f":{release.tag}"):
        yield f"images.kube-apiserver: the API server of a release has its tag, {release.tag}"
    for machine, one in release.binaries["kubelet"].items():
        if version(one.url) != age(release.tag)[:3]:
            yield f"binaries.kubelet.{machine}: the URL of a release's kubelet names its version, {release.tag}"


def _containerd(release: Release, minor: int) -> Iterator[str]:
    lowest = CONTAINERD.get(minor)
    for machine, one in release.binaries["containerd"].items() if lowest else ():
        found = version(one.url)
        if found is None:
            yield f"binaries.containerd.{machine}: its URL names no version"
        elif not any(found >= least and found[:2] == least[:2] for least in lowest or ()):
            taken = ", ".join(".".join(map(str, least)) for least in lowest or ())
            yield f"binaries.containerd.{machine}: containerd {_shown(found)} is not for 1.{minor}: it takes {taken} on"


def _calico(release: Release, minor: int) -> Iterator[str]:
    named = {f"images.{name}": version(release.images[name]) for name in CALICO if name in release.images}
    if "calico" in release.manifests:
        named["manifests.calico"] = version(release.manifests["calico"].url)
    known = {entry: found for entry, found in named.items() if found}
    for entry, found in known.items():
        if found != next(iter(known.values())):
            yield f"{entry}: Calico's images and its manifest are of one version, here {_shown(found)} and others"
        elif minor not in CALICO_TESTED.get(found[:2], range(minor, minor + 1)):
            yield f"{entry}: Calico {_shown(found)} is not tested with Kubernetes 1.{minor}"


def _etcd_may_follow(current: Release, wanted: Release) -> str | None:
    old, new = version(current.images["etcd"]), version(wanted.images["etcd"])
    if old is None or new is None:
        return None
    if new[:2] < old[:2]:
        return f"etcd {_shown(old)} does not go back to {_shown(new)}"
    if old < ETCD_BEFORE_3_6 and new[:2] > (3, 5):
        return f"etcd {_shown(old)} must become {_shown(ETCD_BEFORE_3_6)} or newer before it becomes {_shown(new)}"
    return None


def _apart(what: str, minor: int, apiserver: int, older: int) -> str | None:
    if minor > apiserver:
        return f"{what} is newer than the API server, which is of 1.{apiserver}"
    if minor < apiserver - older:
        return f"{what} is too old for an API server of 1.{apiserver}: it takes 1.{apiserver - older} or newer"
    return None


def _shown(found: Version) -> str:
    return ".".join(map(str, found))
