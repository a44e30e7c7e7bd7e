# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent to the pocket cloud, the answer is never that it broke."""

from typing import Any

import pytest

from magnum_lite.pocketcloud.load_balancer_kinds import ATTRIBUTES
from magnum_lite.pocketcloud.network_kinds import KINDS

ODD: tuple[Any, ...] = (
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [None],
    ["x"],
    [{}],
    [{"a": 1}],
    {"a": 1},
    "\0",
    "é" * 300,
)
SERVER = ("name", "flavorRef", "imageRef", "networks", "key_name", "metadata", "user_data", "security_groups")
SERVER += ("block_device_mapping_v2", "config_drive", "availability_zone", "tags", "os:scheduler_hints")


def good(caller) -> dict[str, dict[str, Any]]:
    """Give for each path a body that is fine, so that one attribute at a time can be spoilt."""
    net = caller.get("/network/v2.0/networks?name=private")["networks"][0]["id"]
    subnet = caller.get("/network/v2.0/subnets?name=private-subnet")["subnets"][0]["id"]
    group = caller.get("/network/v2.0/security-groups")["security_groups"][0]["id"]
    public = caller.get("/network/v2.0/networks?name=public")["networks"][0]["id"]
    flavor = caller.get("/compute/v2.1/flavors")["flavors"][0]["id"]
    image = caller.get("/image/v2/images")["images"][0]["id"]
    return {
        "network": {},
        "subnet": {"network_id": net, "cidr": "127.99.0.0/24"},
        "router": {},
        "port": {"network_id": net},
        "security_group": {},
        "security_group_rule": {"security_group_id": group, "direction": "ingress"},
        "floatingip": {"floating_network_id": public},
        "loadbalancer": {"vip_subnet_id": subnet},
        "server": {"name": "s", "flavorRef": flavor, "imageRef": image, "networks": "none"},
        "volume": {"size": 1},
    }


def broken(caller, path: str, kind: str, body: dict[str, Any], attributes: Any) -> list[str]:
    """Spoil every attribute in every way; gives what made the service break."""
    found = []
    for name in attributes:
        for value in ODD:
            answer = caller.call("POST", path, {kind: {**body, name: value}})
            if answer.status_code >= 500:
                found.append(f"{kind}.{name} = {value!r}: {answer.status_code}")
    return found


@pytest.mark.parametrize("kind", list(KINDS))
def test_neutron_survives_odd_values(demo, kind: str) -> None:
    path = f"/network/v2.0/{KINDS[kind].plural.replace('_', '-')}"

    assert broken(demo, path, kind, good(demo)[kind], KINDS[kind].attributes) == []


@pytest.mark.parametrize("kind", list(ATTRIBUTES))
def test_octavia_survives_odd_values(demo, kind: str) -> None:
    path = f"/load-balancer/v2/lbaas/{kind}s" if kind != "member" else "/load-balancer/v2/lbaas/pools/none/members"

    assert broken(demo, path, kind, good(demo).get(kind, {}), ATTRIBUTES[kind]) == []


def test_nova_survives_odd_values(demo) -> None:
    assert broken(demo, "/compute/v2.1/servers", "server", good(demo)["server"], SERVER) == []
    assert broken(demo, "/compute/v2.1/os-keypairs", "keypair", {"name": "k"}, ("name", "public_key")) == []
    names = ("name", "policy", "policies", "rules")
    assert broken(demo, "/compute/v2.1/os-server-groups", "server_group", {"name": "g"}, names) == []


def test_cinder_survives_odd_values(demo) -> None:
    project = demo.get("/identity/v3/auth/projects")["projects"][0]["id"]
    names = ("name", "size", "volume_type", "imageRef", "metadata", "description", "availability_zone")

    assert broken(demo, f"/volume/v3/{project}/volumes", "volume", {"size": 1}, names) == []


def test_keystone_survives_odd_values(admin) -> None:
    user = {"name": "u", "domain_id": "default"}
    names = ("name", "domain_id", "password", "enabled", "options", "default_project_id")

    assert broken(admin, "/identity/v3/users", "user", user, names) == []
    assert broken(admin, "/identity/v3/projects", "project", {"name": "p"}, ("name", "domain_id", "enabled")) == []
    assert broken(admin, "/identity/v3/auth/tokens", "auth", {}, ("identity", "scope")) == []
