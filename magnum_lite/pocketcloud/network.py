# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Neutron: networks, subnets, routers, ports, security groups and floating IPs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors, floating_ips, ports, routers, security_groups, subnets
from magnum_lite.pocketcloud.addresses import Addresses
from magnum_lite.pocketcloud.network_kinds import KINDS, changes, complete
from magnum_lite.pocketcloud.quotas import Quotas
from magnum_lite.pocketcloud.records import Record, Records, clone, new_id, now, select
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

DEFAULT_QUOTA = 100_000
MAKERS: dict[str, Callable[["Network", Scope, Record, Record], None]] = {
    "network": subnets.make_network,
    "subnet": subnets.make_subnet,
    "router": routers.make_router,
    "port": ports.make_port,
    "security_group": security_groups.make_group,
    "security_group_rule": security_groups.make_rule,
    "floatingip": floating_ips.make_floating_ip,
}
CHANGERS: dict[str, Callable[["Network", Record, Record], None]] = {
    "subnet": subnets.change_subnet,
    "router": routers.change_router,
    "port": ports.change_port,
    "floatingip": floating_ips.change_floating_ip,
}
REMOVERS: dict[str, Callable[["Network", Record], None]] = {
    "network": subnets.remove_network,
    "subnet": subnets.remove_subnet,
    "router": routers.remove_router,
    "port": ports.remove_port,
    "security_group": security_groups.remove_group,
    "floatingip": floating_ips.remove_floating_ip,
}


class Network:
    """Neutron's things by kind: network subnet router port security_group security_group_rule floatingip.

    Bodies are the inner object ({"name": ...}, not {"network": {...}}); what comes back is a copy.
    """

    def __init__(self, cloud: "Cloud") -> None:
        self._lock = cloud.lock
        self._faults = cloud.faults
        self.addresses = Addresses()
        self.quotas = Quotas(
            dict.fromkeys(KINDS, DEFAULT_QUOTA) | {"rbac_policy": DEFAULT_QUOTA, "subnetpool": DEFAULT_QUOTA}
        )
        self.records = {name: Records(kind.label, missing=f"{kind.word}NotFound") for name, kind in KINDS.items()}

    def create(self, kind: str, scope: Scope, body: Record) -> Record:
        """Make a thing; a full quota is a 409 OverQuota."""
        self._faults.check("neutron", f"create_{kind}", scope, str(body.get("name", "")))
        record = complete(KINDS[kind], body)
        project_id = self._owner(scope, record)
        with self._lock:
            if kind == "security_group":
                security_groups.default_of(self, project_id)
            self._check_quota(kind, project_id)
            made = self.blank(kind, record, project_id)
            MAKERS[kind](self, scope, body, made)
            return self._copy(kind, self.records[kind].add(made))

    def get(self, kind: str, scope: Scope, ident: str) -> Record:
        """Give what has this id."""
        self._faults.check("neutron", f"get_{kind}", scope)
        with self._lock:
            return self._copy(kind, self.records[kind].get(ident, self._sees(scope)))

    def find(self, kind: str, scope: Scope, name_or_id: str) -> Record:
        """Give what has this id, or else this name."""
        self._faults.check("neutron", f"get_{kind}", scope, name_or_id)
        with self._lock:
            self._furnish_default_group(kind, scope.project_id)
            return self._copy(kind, self.records[kind].find(name_or_id, self._sees(scope)))

    def list(self, kind: str, scope: Scope, **filters: Any) -> list[Record]:
        """List what the caller sees and the filters let through; a list as a value means any of it."""
        self._faults.check("neutron", f"list_{kind}s", scope)
        with self._lock:
            self._furnish_default_group(kind, scope.project_id)
            seen = filter(self._sees(scope), self.records[kind])
            return [self._copy(kind, one) for one in select(seen, filters)]

    def update(self, kind: str, scope: Scope, ident: str, body: Record) -> Record:
        """Change a thing of the caller's project."""
        self._faults.check("neutron", f"update_{kind}", scope, str(body.get("name", "")))
        wanted = changes(KINDS[kind], body)
        with self._lock:
            record = self._writable(kind, scope, ident)
            if kind in CHANGERS:
                CHANGERS[kind](self, record, wanted)
            record.update(wanted, updated_at=now(), revision_number=record["revision_number"] + 1)
            return self._copy(kind, record)

    def delete(self, kind: str, scope: Scope, ident: str) -> None:
        """Remove a thing of the caller's project; 409 while something else needs it."""
        self._faults.check("neutron", f"delete_{kind}", scope)
        with self._lock:
            record = self._writable(kind, scope, ident)
            if kind in REMOVERS:
                REMOVERS[kind](self, record)
            self.records[kind].remove(ident)

    def add_router_interface(
        self, scope: Scope, router_id: str, subnet_id: str | None = None, port_id: str | None = None
    ) -> Record:
        """Put a router on a subnet, or use a port for it."""
        self._faults.check("neutron", "add_router_interface", scope)
        with self._lock:
            router = self._writable("router", scope, router_id)
            port = routers.add_interface(self, router, {"subnet_id": subnet_id, "port_id": port_id}, scope)
            return _interface(router, port)

    def remove_router_interface(
        self, scope: Scope, router_id: str, subnet_id: str | None = None, port_id: str | None = None
    ) -> Record:
        """Take a router off a subnet."""
        self._faults.check("neutron", "remove_router_interface", scope)
        wanted = {key: value for key, value in (("subnet_id", subnet_id), ("port_id", port_id)) if value}
        with self._lock:
            router = self._writable("router", scope, router_id)
            return _interface(router, routers.remove_interface(self, router, wanted))

    def bind(self, port_id: str, values: Record) -> None:
        """Note on a port which device has it, for Nova and Octavia; a port that is gone is left alone."""
        with self._lock:
            if port_id in self.records["port"]:
                self.records["port"].get(port_id).update(values, updated_at=now())

    def unbind(self, port_id: str, device_id: str) -> None:
        """Note that a device has a port no more; one that another device has by now is left alone."""
        with self._lock:
            if port_id in self.records["port"] and self.records["port"].get(port_id)["device_id"] == device_id:
                self.bind(port_id, {"device_id": "", "device_owner": "", "status": "DOWN"})

    def make_port(self, project_id: str, values: Record) -> Record:
        """Make a port for another service of the cloud, within the project's quota."""
        with self._lock:
            self._check_quota("port", project_id)
            return clone(ports.new_port(self, project_id, values))

    def drop_port(self, port_id: str) -> None:
        """Remove a port that make_port made; gone already is fine."""
        with self._lock:
            if port_id in self.records["port"]:
                ports.free_port(self, self.records["port"].remove(port_id))

    # For the modules of the single kinds, which run with the lock held.

    def own(self, kind: str, scope: Scope, ident: str) -> Record:
        """Give the live record if the caller sees it."""
        return self.records[kind].get(ident, self._sees(scope))

    def blank(self, kind: str, record: Record, project_id: str) -> Record:
        """Add to attributes what every thing has."""
        moment = now()
        owner = {"project_id": project_id, "tenant_id": project_id}
        life = {"created_at": moment, "updated_at": moment, "revision_number": 1, "tags": []}
        return {"id": new_id(), **record, **owner, **life}

    def _owner(self, scope: Scope, record: Record) -> str:
        asked = record["project_id"] or record["tenant_id"] or scope.project_id
        if not scope.sees(asked):
            raise errors.forbidden("The resource cannot be made for another project.", "PolicyNotAuthorized")
        return str(asked)

    def _check_quota(self, kind: str, project_id: str) -> None:
        if self.quotas.exceeded(project_id, kind, self.records[kind].count(project_id)):
            raise errors.conflict(f"Quota exceeded for resources: ['{kind}'].", "OverQuota")

    def _furnish_default_group(self, kind: str, project_id: str) -> None:
        if kind == "security_group" and project_id:
            security_groups.default_of(self, project_id)

    def _writable(self, kind: str, scope: Scope, ident: str) -> Record:
        record = self.own(kind, scope, ident)
        if not scope.sees(record["project_id"]):
            raise self.records[kind].missing(ident)
        return record

    def _sees(self, scope: Scope) -> Callable[[Record], bool]:
        def sees(record: Record) -> bool:
            if scope.sees(record["project_id"]) or record.get("shared") or record.get("router:external"):
                return True
            parent = record.get("network_id") if "cidr" in record else None
            return bool(parent and self.records["network"].get(parent)["shared"])

        return sees

    def _copy(self, kind: str, record: Record) -> Record:
        copy: Record = clone(record)
        if kind == "security_group":
            copy["security_group_rules"] = clone(security_groups.rules_of(self, record["id"]))
        return copy


def _interface(router: Record, port: Record) -> Record:
    subnet_id = port["fixed_ips"][0]["subnet_id"]
    return {
        "id": router["id"],
        "tenant_id": router["tenant_id"],
        "project_id": router["project_id"],
        "port_id": port["id"],
        "network_id": port["network_id"],
        "subnet_id": subnet_id,
        "subnet_ids": [subnet_id],
    }
