# SPDX-License-Identifier: Apache-2.0
"""OS::Neutron::SecurityGroup and OS::Neutron::SecurityGroupRule."""

from collections.abc import Mapping

from magnum_lite.pocketcloud.heat.resource_type import cloud_of
from magnum_lite.pocketcloud.heat.resources.neutron import NeutronResource, sent, value_specs
from magnum_lite.pocketcloud.heat.schema import (
    AllowedValues,
    Custom,
    Property,
    Range,
    Schema,
    integer,
    list_,
    map_,
    string,
)
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json


def _rule(*, mode: bool) -> dict[str, Property]:
    shared: dict[str, Property] = {
        "direction": string(AllowedValues(("ingress", "egress")), default="ingress"),
        "ethertype": string(AllowedValues(("IPv4", "IPv6")), default="IPv4"),
        "port_range_min": integer(Range(0, 65535)),
        "port_range_max": integer(Range(0, 65535)),
        "protocol": string(),
        "remote_ip_prefix": string(Custom("net_cidr")),
    }
    if mode:
        shared["remote_mode"] = string(
            AllowedValues(("remote_ip_prefix", "remote_group_id")), default="remote_ip_prefix"
        )
        shared["remote_group_id"] = string(Custom("neutron.security_group"))
    return shared


class SecurityGroup(NeutronResource):
    """A security group whose rules are all in its properties."""

    name = "OS::Neutron::SecurityGroup"
    kind = "security_group"
    properties: Schema = {
        "name": string(changes=True),
        "description": string(changes=True),
        "rules": list_(map_(_rule(mode=True)), changes=True, default=[]),
    }
    attributes = ("show",)

    def create(self, resource: Resource) -> None:
        """Make the group and its rules."""
        super().create(resource)
        self._replace_rules(resource)

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Change the name, or put other rules in."""
        if plain := changed - {"rules"}:
            super().update(resource, plain)
        if "rules" in changed:
            self._replace_rules(resource)

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Neutron for the group itself."""
        return sent({name: value for name, value in wanted.items() if name != "rules"})

    def _replace_rules(self, resource: Resource) -> None:
        """Drop the rules that go the wanted ways and make the wanted ones; without egress ones the default stays."""
        network, scope = cloud_of(resource).network, resource.scope
        wanted = resource.wanted["rules"] or []
        ways = {rule["direction"] for rule in wanted} | {"ingress"}
        for rule in network.list("security_group_rule", scope, security_group_id=resource.physical_id):
            if rule["direction"] in ways:
                network.delete("security_group_rule", scope, rule["id"])
        for rule in wanted:
            network.create("security_group_rule", scope, self._rule_body(resource, rule))

    def _rule_body(self, resource: Resource, rule: Mapping[str, Json]) -> dict[str, Json]:
        body = sent({name: value for name, value in rule.items() if name != "remote_mode"})
        if rule["remote_mode"] == "remote_group_id":
            other = body.get("remote_group_id", resource.physical_id)
            body["remote_group_id"] = self.find(resource, "security_group", str(other))
        return {**body, "security_group_id": resource.physical_id}


class SecurityGroupRule(NeutronResource):
    """One rule of a security group."""

    name = "OS::Neutron::SecurityGroupRule"
    kind = "security_group_rule"
    properties: Schema = {
        **_rule(mode=False),
        "security_group": string(Custom("neutron.security_group"), required=True),
        "remote_group": string(Custom("neutron.security_group")),
        "description": string(),
        "value_specs": value_specs(),
    }
    attributes = ("show",)

    def can_change(self, resource: Resource, changed: frozenset[str]) -> bool:
        """Say that a rule is always made anew."""
        return False

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Neutron."""
        body = sent(wanted, security_group="security_group_id", remote_group="remote_group_id")
        for key in ("security_group_id", "remote_group_id"):
            if key in body:
                body[key] = self.find(resource, "security_group", body[key])
        return body
