# SPDX-License-Identifier: Apache-2.0
"""What a devcloud comes with: users, projects, roles, images, flavors and networks, named as in the pocket cloud."""

from __future__ import annotations

import time
from typing import Any

import openstack
from layout import PASSWORD, REGION, Layout
from openstack.connection import Connection
from processes import Failed

ROLES = (
    "admin", "member", "reader", "service", "creator", "k8s_admin", "k8s_developer", "k8s_viewer",
    "load-balancer_member", "heat_stack_user",
)  # fmt: skip
PROJECTS = ("admin", "demo", "other", "service")
USES = ("member", "reader", "load-balancer_member", "creator")
GRANTS: dict[str, dict[str, tuple[str, ...]]] = {
    "admin": {"admin": ("admin",), "demo": ("admin",), "service": ("admin",)},
    "demo": {"demo": USES},
    "reader": {"demo": ("reader",)},
    "k8s_admin": {"demo": ("k8s_admin", *USES)},
    "k8s_developer": {"demo": ("k8s_developer",)},
    "k8s_viewer": {"demo": ("k8s_viewer",)},
    "other": {"other": USES},
}
SERVICE_USERS = ("glance", "placement", "nova", "neutron", "heat", "cinder", "octavia", "barbican")
CATALOG = (
    ("glance", "image", "glance", ""),
    ("placement", "placement", "placement", ""),
    ("nova", "compute", "nova", "/v2.1"),
    ("neutron", "network", "neutron", ""),
    ("heat", "orchestration", "heat", "/v1/$(project_id)s"),
    ("heat-cfn", "cloudformation", "heat_cfn", "/v1"),
    ("cinder", "block-storage", "cinder", "/v3"),
    ("cinderv3", "volumev3", "cinder", "/v3/$(project_id)s"),
    ("octavia", "load-balancer", "octavia", ""),
    ("barbican", "key-manager", "barbican", ""),
)
FLAVORS = {"m1.small": (1, 2048, 20), "m1.medium": (2, 4096, 40), "m1.large": (4, 8192, 80)}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyqDHpSQEIQczXkVx9q devcloud"
KEYPAIR = "my_keypair"
WORKERS = frozenset({"nova-scheduler", "nova-conductor", "nova-compute", "cinder-scheduler", "cinder-volume"})
WORKERS_SECONDS = 120.0
LOOK_SECONDS = 0.5


def connection(layout: Layout, user: str = "admin", project: str | None = None) -> Connection:
    """Give a session of a user of this cloud."""
    return openstack.connect(
        auth_url=f"{layout.url('keystone')}/v3",
        username=user,
        password=PASSWORD,
        project_name=project or user,
        user_domain_name="Default",
        project_domain_name="Default",
        region_name=REGION,
        app_name="devcloud",
    )


def fill_keystone(layout: Layout) -> None:
    """Make the roles, projects, users and the catalog, as far as they are not there."""
    admin = connection(layout)
    roles = {name: _role(admin, name) for name in ROLES}
    projects = {name: _ensure(admin.identity, "project", name, domain_id="default").id for name in PROJECTS}
    grants: dict[str, dict[str, tuple[str, ...]]] = {
        **GRANTS,
        **{name: {"service": ("admin", "service")} for name in SERVICE_USERS},
    }
    for name, where in grants.items():
        user = _ensure(admin.identity, "user", name, domain_id="default", password=PASSWORD)
        for project, held in where.items():
            for role in held:
                admin.identity.assign_project_role_to_user(projects[project], user.id, roles[role])
    _fill_heat_domain(admin, roles["admin"])
    for name, kind, port, path in CATALOG:
        _endpoints(admin, name, kind, layout.url(port) + path)


def fill_cloud(layout: Layout) -> None:
    """Make the flavors, images, volume types, networks and key pairs, as far as they are not there."""
    admin, demo = connection(layout), connection(layout, "demo")
    for name, (vcpus, ram, disk) in FLAVORS.items():
        if admin.compute.find_flavor(name) is None:
            admin.compute.create_flavor(name=name, vcpus=vcpus, ram=ram, disk=disk, is_public=True)
    _image(admin, "fedora-coreos", os_distro="fedora-coreos", architecture="x86_64")
    _image(admin, "plain")
    _volume_types(admin)
    _networks(admin, demo)
    for user, project in (("demo", "demo"), ("admin", "admin"), ("k8s_admin", "demo")):
        compute = connection(layout, user, project).compute
        if compute.find_keypair(KEYPAIR) is None:
            compute.create_keypair(name=KEYPAIR, public_key=PUBLIC_KEY)


def await_workers(layout: Layout) -> None:
    """Wait until Nova and Cinder themselves say that their services work: before that they find no valid host."""
    admin, deadline = connection(layout), time.monotonic() + WORKERS_SECONDS
    while down := WORKERS - {
        one.binary for one in (*admin.compute.services(), *admin.block_storage.services()) if one.state == "up"
    }:
        if time.monotonic() > deadline:
            raise Failed(f"not up after {WORKERS_SECONDS:.0f} s: {', '.join(sorted(down))}")
        time.sleep(LOOK_SECONDS)


def _role(admin: Connection, name: str) -> str:
    return str(_ensure(admin.identity, "role", name).id)


def _ensure(proxy: Any, kind: str, name: str, **fields: Any) -> Any:
    found = getattr(proxy, f"find_{kind}")(name)
    return found or getattr(proxy, f"create_{kind}")(name=name, **fields)


def _fill_heat_domain(admin: Connection, role: str) -> None:
    """Give Heat the domain in which it makes users for stacks."""
    domain = _ensure(admin.identity, "domain", "heat", description="Users of stacks")
    user = admin.identity.find_user("heat_domain_admin", domain_id=domain.id)
    if user is None:
        user = admin.identity.create_user(name="heat_domain_admin", domain_id=domain.id, password=PASSWORD)
    admin.identity.assign_domain_role_to_user(domain.id, user.id, role)


def _endpoints(admin: Connection, name: str, kind: str, url: str) -> None:
    service = _ensure(admin.identity, "service", name, type=kind)
    known = {one.interface: one for one in admin.identity.endpoints(service_id=service.id)}
    for interface in ("public", "internal", "admin"):
        if interface not in known:
            admin.identity.create_endpoint(service_id=service.id, interface=interface, url=url, region_id=REGION)
        elif known[interface].url != url:
            admin.identity.update_endpoint(known[interface].id, url=url)


def _image(admin: Connection, name: str, **properties: str) -> None:
    if admin.image.find_image(name) is not None:
        return
    admin.image.create_image(
        name=name,
        data=b"\0" * 1024,
        disk_format="raw",
        container_format="bare",
        visibility="public",
        properties=properties,
        validate_checksum=False,
    )


def _volume_types(admin: Connection) -> None:
    storage = admin.block_storage
    if storage.find_type("standard") is None:
        storage.create_type(name="standard")
    if storage.find_type("encrypted") is None:
        kind = storage.create_type(name="encrypted")
        encryption = {"provider": "luks", "cipher": "aes-xts-plain64", "key_size": 256}
        storage.create_type_encryption(kind, control_location="front-end", **encryption)


def _networks(admin: Connection, demo: Connection) -> None:
    """Make the external network, and the demo project's private one behind a router."""
    network = admin.network
    public = network.find_network("public") or network.create_network(
        name="public",
        is_router_external=True,
        is_default=True,
        provider_network_type="flat",
        provider_physical_network="public",
    )
    if network.find_subnet("public-subnet") is None:
        # A floating IP is dialled, so it has to be one of this machine; Neutron allows such a subnet without DHCP only.
        network.create_subnet(
            name="public-subnet", network_id=public.id, ip_version=4, cidr="127.24.0.0/16", is_dhcp_enabled=False
        )
    if demo.network.find_router("router") is not None:
        return
    private = demo.network.find_network("private") or demo.network.create_network(name="private")
    subnet = demo.network.find_subnet("private-subnet") or demo.network.create_subnet(
        name="private-subnet",
        network_id=private.id,
        ip_version=4,
        cidr="127.16.0.0/16",
        is_dhcp_enabled=False,
        dns_nameservers=["127.0.0.53"],
    )
    router = demo.network.create_router(name="router", external_gateway_info={"network_id": public.id})
    demo.network.add_interface_to_router(router, subnet_id=subnet.id)
