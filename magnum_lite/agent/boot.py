# SPDX-License-Identifier: Apache-2.0
"""What the node was told at boot: its cluster, its own name and token, and for the first master Heat's handle."""

from __future__ import annotations

from dataclasses import dataclass

from magnum_lite import nodeconf
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import BadBootFile
from magnum_lite.agent.web import is_web_address

LONGEST_POLL_SECONDS = 3600


@dataclass(frozen=True)
class Handle:
    """A wait condition's handle of Heat (signal transport TOKEN_SIGNAL); only the first master has one."""

    url: str
    token: str


@dataclass(frozen=True)
class Boot:
    cluster: nodeconf.ClusterFile
    node: nodeconf.NodeFile
    handle: Handle | None


def read(disk: Disk) -> Boot:
    """Read the boot files; raise ``BadBootFile`` that names the one that is missing or broken."""
    return Boot(cluster=_cluster(disk), node=_node(disk), handle=_handle(disk))


def _cluster(disk: Disk) -> nodeconf.ClusterFile:
    text = _text(disk, nodeconf.CLUSTER_FILE)
    try:
        cluster = nodeconf.ClusterFile.from_json(text)
    except (ValueError, TypeError) as error:
        raise BadBootFile(f"/{nodeconf.CLUSTER_FILE} cannot be read: {error}") from error
    if not is_web_address(cluster.api_url):
        raise BadBootFile(f"/{nodeconf.CLUSTER_FILE}: api_url {cluster.api_url!r} must be an HTTP or HTTPS URL")
    if not isinstance(cluster.poll_seconds, int | float) or not 0 < cluster.poll_seconds <= LONGEST_POLL_SECONDS:
        allowed = f"a number of seconds above 0, at most {LONGEST_POLL_SECONDS}"
        raise BadBootFile(f"/{nodeconf.CLUSTER_FILE}: poll_seconds {cluster.poll_seconds!r} must be {allowed}")
    return cluster


def _node(disk: Disk) -> nodeconf.NodeFile:
    text = _text(disk, nodeconf.NODE_FILE)
    try:
        return nodeconf.NodeFile.from_json(text)
    except (ValueError, TypeError) as error:
        # The text of a JSON error shows no content, so that the token stays out of the log.
        raise BadBootFile(f"/{nodeconf.NODE_FILE} cannot be read: {error}") from error


def _handle(disk: Disk) -> Handle | None:
    if disk.find(f"/{nodeconf.SIGNAL_URL_FILE}") is None:
        return None
    url, token = _text(disk, nodeconf.SIGNAL_URL_FILE).strip(), _text(disk, nodeconf.SIGNAL_TOKEN_FILE).strip()
    if not is_web_address(url):
        raise BadBootFile(f"/{nodeconf.SIGNAL_URL_FILE}: {url!r} must be an HTTP or HTTPS URL")
    return Handle(url, token)


def _text(disk: Disk, path: str) -> str:
    content = disk.find(f"/{path}")
    if content is None:
        raise BadBootFile(f"/{path} is missing below {disk.root}")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadBootFile(f"/{path} is not UTF-8 text") from error
