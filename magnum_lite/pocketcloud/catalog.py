# SPDX-License-Identifier: Apache-2.0
"""The services of the pocket cloud: names, types, URLs, versions and routes."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud import (
    compute_api,
    control_api,
    identity_api,
    image_api,
    key_manager_api,
    load_balancer_api,
    network_api,
    registry_api,
    versions,
    volume_api,
)
from magnum_lite.pocketcloud.catalog_versions import BARBICAN, CINDER, GLANCE, HEAT, KEYSTONE, NEUTRON, NOVA, OCTAVIA
from magnum_lite.pocketcloud.heat import api as heat_api
from magnum_lite.pocketcloud.versions import Version
from magnum_lite.pocketcloud.web import Route

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

UNVERSIONED = Version("", "")
Routes = Callable[["Cloud"], list[Route]]
"""Heat's routes need the cloud; the others are the same for every cloud."""


@dataclasses.dataclass(frozen=True)
class Service:
    """One service as faults and messages name it.

    `path` is what its catalog URL adds to the cloud's; `entries` are its (name, type) pairs in the catalog where they
    are not just the name and the type; `tenant` tells that its calls need a project.
    """

    name: str
    type: str
    root: str
    path: str
    mounts: tuple[tuple[str, Routes], ...]
    entries: tuple[tuple[str, str], ...] = ()
    newest: Version = UNVERSIONED
    tenant: bool = True
    faulty: bool = True


def _fixed(table: list[Route]) -> Routes:
    return lambda _cloud: table


SERVICES = (
    Service(
        "keystone",
        "identity",
        "/identity",
        "/identity",
        (
            ("/identity", _fixed(versions.routes([KEYSTONE], root_status=300, wrapped=True))),
            ("/identity/v3", _fixed(identity_api.routes())),
        ),
        tenant=False,
    ),
    Service(
        "heat",
        "orchestration",
        "/orchestration",
        "/orchestration/v1/%(project_id)s",
        (
            ("/orchestration", _fixed(versions.routes([HEAT], root_status=300))),
            ("/orchestration/v1/<project_id>", heat_api.routes),
        ),
    ),
    Service(
        "nova",
        "compute",
        "/compute",
        "/compute/v2.1",
        (("/compute", _fixed(versions.routes([NOVA]))), ("/compute/v2.1", _fixed(compute_api.routes()))),
        newest=NOVA,
    ),
    Service(
        "neutron",
        "network",
        "/network",
        "/network",
        (("/network", _fixed(versions.routes([NEUTRON]))), ("/network/v2.0", _fixed(network_api.routes()))),
    ),
    Service(
        "glance",
        "image",
        "/image",
        "/image",
        (
            ("/image", _fixed(versions.routes([GLANCE], root_status=300))),
            ("/image/v2", _fixed(image_api.routes())),
        ),
    ),
    Service(
        "cinder",
        "volumev3",
        "/volume",
        "/volume/v3/%(project_id)s",
        (
            ("/volume", _fixed(versions.routes([CINDER], root_status=300))),
            ("/volume/v3/<project_id>", _fixed(volume_api.routes())),
        ),
        entries=(("cinderv3", "volumev3"), ("cinder", "block-storage")),
        newest=CINDER,
    ),
    Service(
        "octavia",
        "load-balancer",
        "/load-balancer",
        "/load-balancer",
        (
            ("/load-balancer", _fixed(versions.routes(OCTAVIA))),
            ("/load-balancer/v2", _fixed(load_balancer_api.routes())),
            ("/load-balancer/v2.0", _fixed(load_balancer_api.routes())),
        ),
    ),
    Service(
        "barbican",
        "key-manager",
        "/key-manager",
        "/key-manager",
        (
            ("/key-manager", _fixed(versions.routes([BARBICAN], root_status=300, wrapped=True))),
            ("/key-manager/v1", _fixed(key_manager_api.routes())),
        ),
    ),
    Service("registry", "registry", "/v2", "", (("/v2", _fixed(registry_api.routes())),), tenant=False, faulty=False),
    Service(
        "pocket", "pocket", "/pocket", "", (("/pocket", _fixed(control_api.routes())),), tenant=False, faulty=False
    ),
)
"""Every service; the last two, a registry of images and the control of the cloud itself, are in no catalog."""
