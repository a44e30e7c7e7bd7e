# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Neutron, over HTTP."""

import ipaddress

import pytest

V2 = "/network/v2.0"


def network(caller, **values):
    return caller.make(f"{V2}/networks", {"network": {"name": "n", **values}})


def subnet(caller, network_id: str, cidr: str = "127.40.0.0/24", **values):
    return caller.make(f"{V2}/subnets", {"subnet": {"network_id": network_id, "cidr": cidr, "ip_version": 4, **values}})


def port(caller, network_id: str, **values):
    return caller.make(f"{V2}/ports", {"port": {"network_id": network_id, **values}})


def public_id(caller) -> str:
    return caller.get(f"{V2}/networks?router:external=true")["networks"][0]["id"]


def routed(caller):
    """Make a network with a subnet behind a router to the outside; gives network, subnet and router."""
    net = network(caller)
    sub = subnet(caller, net["id"])
    gateway = {"network_id": public_id(caller)}
    router = caller.make(f"{V2}/routers", {"router": {"name": "r", "external_gateway_info": gateway}})
    caller.call("PUT", f"{V2}/routers/{router['id']}/add_router_interface", {"subnet_id": sub["id"]})
    return net, sub, router


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["NeutronError"]["type"]


def test_a_port_gets_the_next_address_and_the_default_group(demo) -> None:
    net = network(demo)
    sub = subnet(demo, net["id"])

    first, second = port(demo, net["id"]), port(demo, net["id"])

    assert [{"subnet_id": sub["id"], "ip_address": "127.40.0.2"}] == first["fixed_ips"]
    assert [{"subnet_id": sub["id"], "ip_address": "127.40.0.3"}] == second["fixed_ips"]
    group = demo.get(f"{V2}/security-groups/{first['security_groups'][0]}")["security_group"]
    assert group["name"] == "default"


def test_a_wanted_address_is_given_once(demo) -> None:
    net = network(demo)
    subnet(demo, net["id"])
    body = {"port": {"network_id": net["id"], "fixed_ips": [{"ip_address": "127.40.0.9"}]}}

    first, second = (demo.call("POST", f"{V2}/ports", body) for _ in range(2))

    assert first.json()["port"]["fixed_ips"][0]["ip_address"] == "127.40.0.9"
    assert refusal(second) == (409, "IpAddressAlreadyAllocated")


def test_a_full_subnet_has_no_more_addresses(demo) -> None:
    net = network(demo)
    subnet(demo, net["id"], "127.40.0.0/30")
    port(demo, net["id"])

    answer = demo.call("POST", f"{V2}/ports", {"port": {"network_id": net["id"]}})

    assert refusal(answer) == (409, "IpAddressGenerationFailure")


def test_a_freed_address_is_used_again(demo) -> None:
    net = network(demo)
    subnet(demo, net["id"], "127.40.0.0/30")
    demo.call("DELETE", f"{V2}/ports/{port(demo, net['id'])['id']}")

    assert port(demo, net["id"])["fixed_ips"][0]["ip_address"] == "127.40.0.2"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cidr": "nonsense"}, "'nonsense' is not a valid IP subnet"),
        ({"cidr": "127.40.0.0/24", "gateway_ip": "127.41.0.1"}, "Gateway 127.41.0.1 is not valid on subnet"),
        ({"cidr": "127.40.0.0/24", "ip_version": 6}, "ip_version"),
        ({"cidr": "127.40.0.0/24", "colour": "red"}, "Unrecognized attribute(s) 'colour'"),
        ({"cidr": "127.40.0.0/24", "enable_dhcp": "maybe"}, "'maybe' is not a valid boolean value"),
        ({"cidr": "127.40.0.0/24", "allocation_pools": [{"start": "127.40.1.1", "end": "127.40.1.2"}]}, "spans beyond"),
        ({"cidr": "127.40.0.0/24", "allocation_pools": ["x"]}, "allocation_pools"),
        ({}, "Required attribute 'cidr'"),
    ],
)
def test_a_bad_subnet_is_a_400_that_names_it(demo, values, words) -> None:
    answer = demo.call("POST", f"{V2}/subnets", {"subnet": {"network_id": network(demo)["id"], **values}})

    assert answer.status_code == 400
    assert words in answer.json()["NeutronError"]["message"]


def test_subnets_of_a_network_do_not_overlap(demo) -> None:
    net = network(demo)
    subnet(demo, net["id"], "127.40.0.0/16")

    answer = demo.call("POST", f"{V2}/subnets", {"subnet": {"network_id": net["id"], "cidr": "127.40.9.0/24"}})

    assert answer.status_code == 400
    assert "overlaps with another subnet" in answer.json()["NeutronError"]["message"]


def test_what_is_in_use_cannot_be_deleted(demo) -> None:
    net, sub, router = routed(demo)
    one = port(demo, net["id"])
    group = demo.make(f"{V2}/security-groups", {"security_group": {"name": "g"}})
    demo.call("PUT", f"{V2}/ports/{one['id']}", {"port": {"security_groups": [group["id"]]}})

    answers = {
        path: refusal(demo.call("DELETE", f"{V2}/{path}/{ident}"))
        for path, ident in (
            ("networks", net["id"]),
            ("subnets", sub["id"]),
            ("routers", router["id"]),
            ("security-groups", group["id"]),
        )
    }

    assert answers == {
        "networks": (409, "NetworkInUse"),
        "subnets": (409, "SubnetInUse"),
        "routers": (409, "RouterInUse"),
        "security-groups": (409, "SecurityGroupInUse"),
    }


def test_everything_goes_in_the_right_order(demo, anybody) -> None:
    net, sub, router = routed(demo)
    one = port(demo, net["id"])
    demo.make(f"{V2}/floatingips", {"floatingip": {"floating_network_id": public_id(demo), "port_id": one["id"]}})
    floating = demo.get(f"{V2}/floatingips")["floatingips"][0]

    demo.call("DELETE", f"{V2}/floatingips/{floating['id']}")
    demo.call("DELETE", f"{V2}/ports/{one['id']}")
    demo.call("PUT", f"{V2}/routers/{router['id']}/remove_router_interface", {"subnet_id": sub["id"]})
    demo.call("DELETE", f"{V2}/routers/{router['id']}")
    demo.call("DELETE", f"{V2}/networks/{net['id']}")

    assert anybody.get("/pocket/leftovers")["leftovers"] == {}


def test_a_floating_ip_leads_to_a_port_behind_a_router(demo) -> None:
    net, _, router = routed(demo)
    one = port(demo, net["id"])

    wanted = {"floating_network_id": public_id(demo), "port_id": one["id"]}
    floating = demo.make(f"{V2}/floatingips", {"floatingip": wanted})

    assert ipaddress.ip_address(floating["floating_ip_address"]) in ipaddress.ip_network("127.24.0.0/16")
    assert (floating["fixed_ip_address"], floating["router_id"]) == (one["fixed_ips"][0]["ip_address"], router["id"])
    again = demo.call("POST", f"{V2}/floatingips", {"floatingip": wanted})
    assert refusal(again) == (409, "FloatingIPPortAlreadyAssociated")


def test_a_floating_ip_needs_a_router(demo) -> None:
    net = network(demo)
    subnet(demo, net["id"])
    body = {"floating_network_id": public_id(demo), "port_id": port(demo, net["id"])["id"]}

    answer = demo.call("POST", f"{V2}/floatingips", {"floatingip": body})

    assert refusal(answer) == (404, "ExternalGatewayForFloatingIPNotFound")
    assert demo.get(f"{V2}/floatingips")["floatingips"] == []


def test_a_router_keeps_what_a_floating_ip_needs(demo) -> None:
    net, sub, router = routed(demo)
    body = {"floating_network_id": public_id(demo), "port_id": port(demo, net["id"])["id"]}
    demo.make(f"{V2}/floatingips", {"floatingip": body})

    path = f"{V2}/routers/{router['id']}"
    interface = demo.call("PUT", f"{path}/remove_router_interface", {"subnet_id": sub["id"]})
    gateway = demo.call("PUT", path, {"router": {"external_gateway_info": None}})

    assert refusal(interface) == (409, "RouterInterfaceInUseByFloatingIP")
    assert refusal(gateway) == (409, "RouterExternalGatewayInUseByFloatingIp")


def test_a_router_refuses_overlapping_subnets(demo) -> None:
    _, _, router = routed(demo)
    other = subnet(demo, network(demo)["id"], "127.40.0.0/16")

    answer = demo.call("PUT", f"{V2}/routers/{router['id']}/add_router_interface", {"subnet_id": other["id"]})

    assert refusal(answer) == (400, "BadRequest")


def test_a_routers_port_is_not_deleted_as_a_port(demo) -> None:
    net, _, _ = routed(demo)
    interface = demo.get(f"{V2}/ports?network_id={net['id']}")["ports"][0]

    assert refusal(demo.call("DELETE", f"{V2}/ports/{interface['id']}")) == (409, "ServicePortInUse")


def rule(caller, group: str, **values):
    body = {"security_group_rule": {"security_group_id": group, "direction": "ingress", **values}}
    return caller.call("POST", f"{V2}/security-group-rules", body)


def test_a_new_group_lets_out_and_nothing_in(demo) -> None:
    group = demo.make(f"{V2}/security-groups", {"security_group": {"name": "g"}})

    assert {"egress"} == {one["direction"] for one in group["security_group_rules"]}


def test_a_rule_is_not_made_twice(demo) -> None:
    group = demo.make(f"{V2}/security-groups", {"security_group": {"name": "g"}})["id"]
    values = {"protocol": "tcp", "port_range_min": 6443, "port_range_max": 6443, "remote_ip_prefix": "127.40.0.0/24"}

    first, second = rule(demo, group, **values), rule(demo, group, **values)

    assert first.status_code == 201
    assert refusal(second) == (409, "SecurityGroupRuleExists")


@pytest.mark.parametrize(
    "values",
    [
        {"direction": "up"},
        {"ethertype": "IPv5"},
        {"port_range_min": 1, "port_range_max": 2},
        {"protocol": "tcp", "port_range_min": 5, "port_range_max": 2},
        {"protocol": "tcp", "port_range_min": "many", "port_range_max": 2},
        {"remote_ip_prefix": "here"},
        {"remote_ip_prefix": "::/0", "ethertype": "IPv4"},
    ],
)
def test_a_bad_rule_is_a_400(demo, values) -> None:
    group = demo.make(f"{V2}/security-groups", {"security_group": {"name": "g"}})["id"]

    assert rule(demo, group, **values).status_code == 400


def test_a_rules_unknown_group_is_a_404(demo) -> None:
    assert refusal(rule(demo, "none")) == (404, "SecurityGroupNotFound")


def test_a_full_quota_is_over_quota(demo, admin) -> None:
    project = network(demo)["project_id"]
    admin.call("PUT", f"{V2}/quotas/{project}", {"quota": {"network": 2}})

    answer = demo.call("POST", f"{V2}/networks", {"network": {"name": "one too many"}})

    assert refusal(answer) == (409, "OverQuota")
    assert answer.json()["NeutronError"]["message"] == "Quota exceeded for resources: ['network']."


def test_a_quota_that_is_no_number_is_a_400(demo, admin) -> None:
    project = network(demo)["project_id"]

    assert admin.call("PUT", f"{V2}/quotas/{project}", {"quota": {"network": "many"}}).status_code == 400
    assert demo.call("PUT", f"{V2}/quotas/{project}", {"quota": {"network": 5}}).status_code == 403


def test_projects_do_not_see_one_another(demo, log_in) -> None:
    net = network(demo)

    answer = log_in("other").call("GET", f"{V2}/networks/{net['id']}")

    assert refusal(answer) == (404, "NetworkNotFound")


def test_readers_look_and_do_not_touch(log_in) -> None:
    reader = log_in("reader", "demo")

    assert reader.get(f"{V2}/networks?name=private")["networks"]
    assert reader.call("POST", f"{V2}/networks", {"network": {}}).status_code == 403


def test_members_make_no_external_networks(demo) -> None:
    answer = demo.call("POST", f"{V2}/networks", {"network": {"router:external": True}})

    assert refusal(answer) == (403, "PolicyNotAuthorized")


def test_address_pairs_are_kept_and_checked(demo) -> None:
    net = network(demo)
    subnet(demo, net["id"])

    good = port(demo, net["id"], allowed_address_pairs=[{"ip_address": "10.100.0.0/16"}])
    body = {"port": {"network_id": net["id"], "allowed_address_pairs": [{"ip_address": "where"}]}}
    bad = demo.call("POST", f"{V2}/ports", body)

    assert good["allowed_address_pairs"][0]["ip_address"] == "10.100.0.0/16"
    assert bad.status_code == 400


def test_a_list_is_paged_and_cut_to_fields(demo) -> None:
    for number in range(3):
        network(demo, name=f"page-{number}")

    first = demo.get(f"{V2}/networks?sort_key=name&sort_dir=desc&limit=2&fields=id&fields=name")["networks"]
    rest = demo.get(f"{V2}/networks?sort_key=name&sort_dir=desc&marker={first[-1]['id']}")["networks"]

    assert [{"id", "name"}, {"id", "name"}] == [set(one) for one in first]
    assert not {one["id"] for one in first} & {one["id"] for one in rest}
    assert demo.call("GET", f"{V2}/networks?limit=few").status_code == 400
    assert demo.call("GET", f"{V2}/networks?marker=none").status_code == 400
