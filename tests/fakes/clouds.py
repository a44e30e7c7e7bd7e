# SPDX-License-Identifier: Apache-2.0
"""A cloud with a few things to look up, that counts the looks."""

from __future__ import annotations

from collections.abc import Sequence

from magnum_lite.clouds.glance import Image
from magnum_lite.clouds.keystone import Project
from magnum_lite.clouds.nova import Flavor, Keypair
from magnum_lite.context import RequestContext
from magnum_lite.errors import InvalidField, MagnumLiteError, NotFound

IMAGES = {
    "fedora-coreos": Image("5f1e7a52-0c0e-4b9e-9d7e-0d3b0a6f0a01", "fedora-coreos", "fedora-coreos", None, "active"),
    "plain": Image("5f1e7a52-0c0e-4b9e-9d7e-0d3b0a6f0a02", "plain", None, None, "active"),
    "exotic": Image("5f1e7a52-0c0e-4b9e-9d7e-0d3b0a6f0a03", "exotic", "exotic", None, "active"),
}
FLAVORS = {
    "m1.small": Flavor("2", "m1.small", 2048, 1, 20),
    "diskless": Flavor("4", "diskless", 2048, 1, 0),
    "m1.medium": Flavor("3", "m1.medium", 4096, 2, 40),
}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIfake demo@example"
PROJECTS = ("admin-project", "demo-project", "other-project")
NETWORKS = {"public": True, "private": False}


class FakeClouds:
    """``refusal`` is raised by every look while it is set, ``trust_refusal`` by who asks for a trust."""

    def __init__(self) -> None:
        self.looks: list[tuple[str, str]] = []
        self.refusal: MagnumLiteError | None = None
        self.trusts: list[tuple[str, tuple[str, ...]]] = []
        self.trust_refusal: MagnumLiteError | None = None

    def get_image(self, context: RequestContext, ident: str) -> Image:
        self._look("image", ident)
        if ident not in IMAGES:
            raise InvalidField("image_id", ident, "it must be the ID or the name of an image")
        return IMAGES[ident]

    def get_flavor(self, context: RequestContext, ident: str, field: str) -> Flavor:
        self._look("flavor", ident)
        for flavor in FLAVORS.values():
            if ident in (flavor.id, flavor.name):
                return flavor
        raise InvalidField(field, ident, "it must be the ID or the name of a flavor")

    def get_keypair(self, context: RequestContext, name: str) -> Keypair:
        self._look("keypair", name)
        if name != "my_keypair":
            raise NotFound("Keypair", name)
        return Keypair(name, PUBLIC_KEY)

    def check_network(self, context: RequestContext, ident: str, field: str, *, external: bool | None) -> None:
        self._look("network", ident)
        if NETWORKS.get(ident) != external:
            raise InvalidField(field, ident, "it must be the ID or the name of a network")

    def check_subnet(self, context: RequestContext, ident: str) -> None:
        self._look("subnet", ident)
        if ident != "private-subnet":
            raise InvalidField("fixed_subnet", ident, "it must be the ID or the name of a subnet")

    def check_volume_type(self, context: RequestContext, ident: str, field: str) -> None:
        self._look("volume type", ident)
        if ident != "fast":
            raise InvalidField(field, ident, "it must be the ID or the name of a volume type")

    def get_project(self, context: RequestContext, project_id: str) -> Project:
        self._look("project", project_id)
        if project_id not in PROJECTS:
            raise NotFound("Project", project_id)
        return Project(project_id, project_id.removesuffix("-project"))

    def make_trust(self, context: RequestContext, user_name: str, roles: Sequence[str]) -> str:
        if self.trust_refusal is not None:
            raise self.trust_refusal
        self.trusts.append((user_name, tuple(roles)))
        return f"trust-{len(self.trusts)}"

    def _look(self, kind: str, ident: str) -> None:
        self.looks.append((kind, ident))
        if self.refusal is not None:
            raise self.refusal
