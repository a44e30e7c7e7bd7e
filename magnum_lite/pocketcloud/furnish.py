# SPDX-License-Identifier: Apache-2.0
"""What a new pocket cloud comes with: users, projects, roles, a catalog, images, flavors, networks, volume types."""

from typing import TYPE_CHECKING

from magnum_lite.pocketcloud import catalog
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import SYSTEM, Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

PASSWORD = "secret"  # noqa: S105 - everybody may know it; the cloud is on loopback only
REGION = "RegionOne"
ROLES = ("admin", "member", "reader", "service", "k8s_admin", "k8s_developer", "k8s_viewer", "load-balancer_member")
PROJECTS = ("admin", "demo", "other", "service")
GRANTS: dict[str, dict[str, tuple[str, ...]]] = {
    "admin": {"admin": ("admin",), "demo": ("admin",), "service": ("admin",)},
    "demo": {"demo": ("member", "reader", "load-balancer_member")},
    "reader": {"demo": ("reader",)},
    "k8s_admin": {"demo": ("k8s_admin", "member", "reader", "load-balancer_member")},
    "k8s_developer": {"demo": ("k8s_developer",)},
    "k8s_viewer": {"demo": ("k8s_viewer",)},
    "other": {"other": ("member", "reader", "load-balancer_member")},
    "magnum": {"service": ("admin", "service")},
}
HOME = {"magnum": "service"}
"""Default projects that are not named like the user."""
DOMAIN_ADMIN = "magnum_domain_admin"
FLAVORS = {"m1.small": (1, 2048, 20), "m1.medium": (2, 4096, 40), "m1.large": (4, 8192, 80)}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyqDHpSQEIQczXkVx9q pocket"


def furnish(cloud: "Cloud") -> None:
    """Fill an empty cloud."""
    roles = {
        name: cloud.identity.create("roles", {"name": name, "domain_id": None, "description": None})["id"]
        for name in ROLES
    }
    projects = _places(cloud)
    users = _users(cloud, projects, roles)
    _fill_catalog(cloud)
    cloud.image.add("fedora-coreos", projects["admin"], {"os_distro": "fedora-coreos", "architecture": "x86_64"})
    cloud.image.add("plain", projects["admin"], {})
    for name, (vcpus, ram, disk) in FLAVORS.items():
        cloud.compute.add_flavor(name, vcpus=vcpus, ram=ram, disk=disk)
    for name in ("demo", "admin", "k8s_admin"):
        cloud.compute.keypairs.create(users[name], "my_keypair", PUBLIC_KEY)
    cloud.volume.add_type("standard")
    encryption = {"provider": "luks", "cipher": "aes-xts-plain64", "key_size": 256, "control_location": "front-end"}
    cloud.volume.add_type("encrypted", encryption)
    _networks(
        cloud,
        Scope(users["admin"], projects["admin"], SYSTEM.roles),
        Scope(users["demo"], projects["demo"], ("member",)),
    )


def _places(cloud: "Cloud") -> dict[str, str]:
    """Make the domains and projects; gives the projects' ids by name."""
    plain: Record = {"description": "", "enabled": True, "options": {}, "tags": []}
    cloud.identity.create("domains", {**plain, "id": "default", "name": "Default"})
    cloud.identity.create("domains", {**plain, "name": "magnum", "description": "Users of clusters"})
    owned = {**plain, "domain_id": "default", "parent_id": "default", "is_domain": False}
    return {name: cloud.identity.create("projects", {**owned, "name": name})["id"] for name in PROJECTS}


def _users(cloud: "Cloud", projects: dict[str, str], roles: dict[str, str]) -> dict[str, str]:
    """Make the users with their roles; gives their ids by name."""
    identity = cloud.identity
    plain: Record = {"enabled": True, "options": {}, "email": None, "description": "", "password_expires_at": None}
    users = {}
    for name, grants in GRANTS.items():
        home = projects[HOME.get(name, name if name in projects else "demo")]
        user = {**plain, "name": name, "domain_id": "default", "default_project_id": home}
        users[name] = identity.create_user(user, PASSWORD)["id"]
        for project, held in grants.items():
            for role in held:
                identity.grant(users[name], ("project", projects[project]), roles[role])
    domain = identity.domains.find("magnum")["id"]
    users[DOMAIN_ADMIN] = identity.create_user({**plain, "name": DOMAIN_ADMIN, "domain_id": domain}, PASSWORD)["id"]
    identity.grant(users[DOMAIN_ADMIN], ("domain", domain), roles["admin"])
    return users


def _fill_catalog(cloud: "Cloud") -> None:
    cloud.identity.create("regions", {"id": REGION, "description": "", "parent_region_id": None})
    for service in catalog.SERVICES:
        for name, kind in service.entries or ((service.name, service.type),):
            if service.path:
                _add_entry(cloud, name, kind, cloud.settings.url + service.path)
    _add_entry(cloud, "magnum", "container-infra", cloud.settings.magnum_url)


def _add_entry(cloud: "Cloud", name: str, kind: str, url: str) -> None:
    service = cloud.identity.create("services", {"name": name, "type": kind, "enabled": True, "description": ""})
    for interface in ("public", "internal", "admin"):
        place = {"region": REGION, "region_id": REGION, "enabled": True}
        cloud.identity.create("endpoints", {"service_id": service["id"], "interface": interface, "url": url, **place})


def _networks(cloud: "Cloud", admin: Scope, demo: Scope) -> None:
    """Make the external network, and the demo project's private one behind a router."""
    network = cloud.network
    public = network.create("network", admin, {"name": "public", "router:external": True, "is_default": True})
    subnet = {
        "name": "public-subnet",
        "network_id": public["id"],
        "cidr": cloud.settings.public_cidr,
        "enable_dhcp": False,
    }
    network.create("subnet", admin, subnet)
    private = network.create("network", demo, {"name": "private"})
    inside = {"name": "private-subnet", "network_id": private["id"], "cidr": "127.16.0.0/16"}
    subnet_id = network.create("subnet", demo, {**inside, "dns_nameservers": ["127.0.0.53"]})["id"]
    router = network.create("router", demo, {"name": "router", "external_gateway_info": {"network_id": public["id"]}})
    network.add_router_interface(demo, router["id"], subnet_id)
