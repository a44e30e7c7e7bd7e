# SPDX-License-Identifier: Apache-2.0
"""Container images by podman: pulled by digest, and looked at by digest."""

from __future__ import annotations

import json

from magnum_lite.agent.commands import Commands
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.wish import pinned_digest

PULL_SECONDS = 900.0
NOT_THERE = 1
# What podman says when the registry can never give what the digest names: another attempt gets the same.
FOR_GOOD = ("manifest unknown", "not match", "unauthorized", "denied", "name unknown")


class Podman:
    """The container storage of the machine that these commands see."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    def digest(self, image: str) -> str | None:
        """Give the image's digest if it is there under its name by that digest."""
        name = by_digest(image)
        if self._commands.run("podman", "image", "exists", name, may_end_with=(0, NOT_THERE)).code == NOT_THERE:
            return None
        shown = self._commands.run("podman", "image", "inspect", "--format={{json .RepoDigests}}", name)
        try:
            known: list[str] = json.loads(shown.out)
        except ValueError as error:
            raise HostFailed(f"what podman says of image {image} cannot be read: {error}") from error
        return pinned_digest(image) if name in known else None

    def pull(self, image: str) -> None:
        """Fetch the image; podman refuses content that does not have the digests that lead to it."""
        try:
            self._commands.run("podman", "pull", "--quiet", by_digest(image), seconds=PULL_SECONDS)
        except HostFailed as error:
            is_final = any(sign in error.message for sign in FOR_GOOD)
            raise HostFailed(f"image {image} cannot be pulled: {error}", is_final=is_final) from error


def by_digest(image: str) -> str:
    """Give the image's name with its digest alone: a tag beside a digest says nothing to podman."""
    digest = pinned_digest(image)
    folder, slash, name = image.partition("@")[0].rpartition("/")
    return f"{folder}{slash}{name.partition(':')[0]}@{digest}"
