# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Octavia: load balancers whose virtual IP is a real port, and what hangs on them."""

import functools
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.load_balancer_kinds import ATTRIBUTES, changes, complete
from magnum_lite.pocketcloud.quotas import Quotas
from magnum_lite.pocketcloud.records import Listing, Record, Records, clone, new_id, now, of_project, select
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

LABELS = {
    "loadbalancer": "Load Balancer",
    "listener": "Listener",
    "pool": "Pool",
    "member": "Member",
    "healthmonitor": "Health Monitor",
}


class LoadBalancer:
    """Octavia's things by kind: loadbalancer listener pool member healthmonitor.

    Bodies are the inner object; a member's and a health monitor's has pool_id. Whatever changes a load balancer makes
    it immutable (409) until settings.load_balancer_seconds later.
    """

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._lock = cloud.lock
        self._faults = cloud.faults
        self.records = {kind: Records(label, sentence="{label} {ident} not found.") for kind, label in LABELS.items()}
        self.quotas = Quotas(dict.fromkeys(LABELS, 100_000))

    def create(self, kind: str, scope: Scope, body: Record) -> Record:
        """Make a thing; it is PENDING_CREATE, and ACTIVE soon after."""
        self._faults.check("octavia", f"create_{kind}", scope, str(body.get("name") or ""))
        values = complete(kind, body)
        record = {
            "id": new_id(),
            **values,
            "project_id": scope.project_id,
            "tenant_id": scope.project_id,
            "provisioning_status": "PENDING_CREATE",
            "operating_status": "OFFLINE",
            "created_at": now()[:-1],
            "updated_at": None,
        }
        if kind == "loadbalancer":
            return self._create_balancer(scope, record)
        with self._lock:
            self._check_quota(kind, scope)
            balancer = self._join(kind, scope, record)
            self._pend(balancer, record, "PENDING_CREATE")
            self.records[kind].add(record)
            return self._copy(kind, record)

    def get(self, kind: str, scope: Scope, ident: str) -> Record:
        """Give what has this id."""
        self._faults.check("octavia", f"get_{kind}", scope)
        with self._lock:
            return self._copy(kind, self.records[kind].get(ident, of_project(scope)))

    def list(self, kind: str, scope: Scope, **filters: Any) -> list[Record]:
        """List what the caller sees and the filters let through."""
        self._faults.check("octavia", f"list_{kind}s", scope)
        with self._lock:
            seen = filter(of_project(scope), self.records[kind])
            return [self._copy(kind, one) for one in select(seen, filters)]

    def update(self, kind: str, scope: Scope, ident: str, body: Record) -> Record:
        """Change a thing."""
        self._faults.check("octavia", f"update_{kind}", scope, str(body.get("name") or ""))
        wanted = changes(kind, body)
        with self._lock:
            record = self.records[kind].get(ident, of_project(scope))
            if wanted.get("default_pool_id"):
                self.records["pool"].get(wanted["default_pool_id"], of_project(scope))
            self._pend(self._balancer_of(kind, record), record, "PENDING_UPDATE")
            record.update(wanted, updated_at=now()[:-1])
            return self._copy(kind, record)

    def delete(self, kind: str, scope: Scope, ident: str, *, cascade: bool = False) -> None:
        """Remove a thing and what hangs on it; a load balancer with children only with `cascade` (else 400)."""
        self._faults.check("octavia", f"delete_{kind}", scope)
        with self._lock:
            record = self.records[kind].get(ident, of_project(scope))
            balancer = self._balancer_of(kind, record)
            if (
                kind == "loadbalancer"
                and not cascade
                and (self._of(balancer, "listener") or self._of(balancer, "pool"))
            ):
                raise errors.bad_request(f"Cannot delete Load Balancer {ident} - it has children")
            if balancer["provisioning_status"].startswith("PENDING"):
                raise _immutable(balancer)
            record["provisioning_status"] = "PENDING_DELETE"
            if kind != "loadbalancer":
                balancer["provisioning_status"] = "PENDING_UPDATE"
        self._later(functools.partial(self._drop, kind, ident))

    def status(self, scope: Scope, ident: str) -> Record:
        """Give the tree of states of a load balancer."""
        with self._lock:
            balancer = self.records["loadbalancer"].get(ident, of_project(scope))
            listeners = [
                {**_state(one), "pools": [self._pool_state(pool) for pool in self._pools_of(one)]}
                for one in self._of(balancer, "listener")
            ]
            pools = [self._pool_state(pool) for pool in self._of(balancer, "pool")]
            return {"loadbalancer": {**_state(balancer), "listeners": listeners, "pools": pools}}

    def _create_balancer(self, scope: Scope, record: Record) -> Record:
        """Make a load balancer, with a port for its virtual IP unless one is given."""
        with self._lock:
            self._check_quota("loadbalancer", scope)
        network = self._cloud.network
        owner = {"device_owner": "Octavia", "device_id": f"lb-{record['id']}"}
        if record["vip_port_id"]:
            port = network.get("port", scope, record["vip_port_id"])
        else:
            values = {**self._vip_place(scope, record), "name": f"octavia-lb-{record['id']}", **owner}
            port = network.make_port(scope.project_id, values)
            record["_vip_port_made"] = True
        network.bind(port["id"], {**owner, "status": "ACTIVE"})
        ip = port["fixed_ips"][0]
        record.update(vip_port_id=port["id"], vip_address=ip["ip_address"], vip_subnet_id=ip["subnet_id"])
        record.update(vip_network_id=port["network_id"])
        with self._lock:
            self.records["loadbalancer"].add(record)
            copy = self._copy("loadbalancer", record)
        failure = self._faults.take("server-error", "octavia", "create_loadbalancer", scope, record["name"])
        self._later(functools.partial(self._settle, record["id"], (record,), "ERROR" if failure else "ACTIVE"))
        return copy

    def _vip_place(self, scope: Scope, record: Record) -> Record:
        """Say on which network and subnet the virtual IP's port goes."""
        network = self._cloud.network
        if record["vip_subnet_id"]:
            subnet = network.get("subnet", scope, record["vip_subnet_id"])
            address = {"ip_address": record["vip_address"]} if record["vip_address"] else {}
            return {"network_id": subnet["network_id"], "fixed_ips": [{"subnet_id": subnet["id"], **address}]}
        if not record["vip_network_id"]:
            message = "Validation failure: VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id."
            raise errors.bad_request(message)
        return {"network_id": network.get("network", scope, record["vip_network_id"])["id"]}

    def _join(self, kind: str, scope: Scope, record: Record) -> Record:
        """Hang a new thing on its parent; gives the load balancer."""
        sees = of_project(scope)
        if kind in ("member", "healthmonitor"):
            pool = self.records["pool"].get(record["pool_id"], sees)
            self._check_alone(kind, pool, record)
            record["loadbalancer_id"] = pool["loadbalancer_id"]
        if kind == "pool" and record["listener_id"]:
            listener = self.records["listener"].get(record["listener_id"], sees)
            if listener["default_pool_id"]:
                raise errors.conflict(
                    f"Listener {listener['id']} already has a default pool {listener['default_pool_id']}."
                )
            record["loadbalancer_id"] = listener["loadbalancer_id"]
            listener["default_pool_id"] = record["id"]
        if not record.get("loadbalancer_id"):
            raise errors.bad_request("Validation failure: Must provide at least one of listener_id or loadbalancer_id.")
        balancer = self.records["loadbalancer"].get(record["loadbalancer_id"], sees)
        if kind == "listener":
            self._check_listener(balancer, record, scope)
        return balancer

    def _check_alone(self, kind: str, pool: Record, record: Record) -> None:
        others = [one for one in self.records[kind] if one["pool_id"] == pool["id"]]
        if kind == "healthmonitor" and others:
            raise errors.conflict(f"This pool already has a health monitor ({others[0]['id']})")
        for other in others:
            if (other["address"], other["protocol_port"]) == (record["address"], record["protocol_port"]):
                where = f"ip {record['address']} on protocol_port {record['protocol_port']}"
                raise errors.conflict(f"Another member on this pool is already using {where}")

    def _check_listener(self, balancer: Record, record: Record, scope: Scope) -> None:
        if record["default_pool_id"]:
            self.records["pool"].get(record["default_pool_id"], of_project(scope))
        for other in self._of(balancer, "listener"):
            if other["protocol_port"] == record["protocol_port"]:
                where = f"protocol {other['protocol']} and protocol_port {record['protocol_port']}"
                raise errors.conflict(f"Another Listener on this Load Balancer is already using {where}")

    def _check_quota(self, kind: str, scope: Scope) -> None:
        if self.quotas.exceeded(scope.project_id, kind, self.records[kind].count(scope.project_id)):
            raise errors.forbidden(f"Quota has been met for resources: {LABELS[kind]}")

    def _pend(self, balancer: Record, record: Record, status: str) -> None:
        """Make a load balancer immutable while something of it changes."""
        if balancer["provisioning_status"].startswith("PENDING"):
            raise _immutable(balancer)
        balancer["provisioning_status"] = "PENDING_UPDATE"
        record["provisioning_status"] = status
        self._later(functools.partial(self._settle, balancer["id"], (record, balancer), "ACTIVE"))

    def _settle(self, balancer_id: str, records: tuple[Record, ...], status: str) -> None:
        """End the change: everything that was touched has the status."""
        with self._lock:
            if balancer_id not in self.records["loadbalancer"]:
                return
            for record in records:
                record.update(provisioning_status=status, operating_status="ONLINE" if status == "ACTIVE" else "ERROR")

    def _drop(self, kind: str, ident: str) -> None:
        """Forget a thing with everything below it."""
        with self._lock:
            if ident not in self.records[kind]:
                return
            record = self.records[kind].remove(ident)
            below = {
                "loadbalancer": ("loadbalancer_id", tuple(ATTRIBUTES)[1:]),
                "pool": ("pool_id", ("member", "healthmonitor")),
            }
            key, kinds = below.get(kind, ("", ()))
            for child in [(name, one["id"]) for name in kinds for one in self.records[name] if one.get(key) == ident]:
                self.records[child[0]].remove(child[1])
            if kind == "pool":
                for listener in self.records["listener"]:
                    listener["default_pool_id"] = (
                        None if listener["default_pool_id"] == ident else listener["default_pool_id"]
                    )
            if kind != "loadbalancer":
                self.records["loadbalancer"].get(record["loadbalancer_id"])["provisioning_status"] = "ACTIVE"
            elif record.get("_vip_port_made"):
                self._cloud.network.drop_port(record["vip_port_id"])

    def _balancer_of(self, kind: str, record: Record) -> Record:
        return record if kind == "loadbalancer" else self.records["loadbalancer"].get(record["loadbalancer_id"])

    def _of(self, balancer: Record, kind: str) -> Listing:
        return [one for one in self.records[kind] if one["loadbalancer_id"] == balancer["id"]]

    def _pools_of(self, listener: Record) -> Listing:
        return [pool for pool in self.records["pool"] if pool["id"] == listener["default_pool_id"]]

    def _pool_state(self, pool: Record) -> Record:
        members = [
            {**_state(one), "address": one["address"], "protocol_port": one["protocol_port"]}
            for one in self._below(pool, "member")
        ]
        return {
            **_state(pool),
            "members": members,
            "health_monitor": next(map(_state, self._below(pool, "healthmonitor")), None),
        }

    def _below(self, pool: Record, kind: str) -> Listing:
        return [one for one in self.records[kind] if one["pool_id"] == pool["id"]]

    def _copy(self, kind: str, record: Record) -> Record:
        """Copy a record with the ids of what it hangs on and what hangs on it."""
        copy = {key: clone(value) for key, value in record.items() if not key.startswith("_")}
        if kind == "loadbalancer":
            copy["listeners"] = _ids(self._of(record, "listener"))
            copy["pools"] = _ids(self._of(record, "pool"))
        elif kind in ("listener", "pool"):
            copy["loadbalancers"] = [{"id": record["loadbalancer_id"]}]
        if kind == "listener":
            copy.update(l7policies=[], default_tls_container_ref=None, sni_container_refs=[], insert_headers={})
        if kind == "pool":
            copy["listeners"] = _ids(
                [one for one in self.records["listener"] if one["default_pool_id"] == record["id"]]
            )
            copy["members"] = _ids(self._below(record, "member"))
            copy["healthmonitor_id"] = next((one["id"] for one in self._below(record, "healthmonitor")), None)
        if kind == "healthmonitor":
            copy["pools"] = [{"id": record["pool_id"]}]
        if kind == "member" and not self._below({"id": record["pool_id"]}, "healthmonitor"):
            copy["operating_status"] = "NO_MONITOR"
        return copy

    def _later(self, call: Any) -> None:
        self._cloud.clock.later(self._cloud.settings.load_balancer_seconds, call)


def _immutable(balancer: Record) -> errors.CloudFault:
    return errors.conflict(f"Load Balancer {balancer['id']} is immutable and cannot be updated.")


def _ids(records: Listing) -> Listing:
    return [{"id": one["id"]} for one in records]


def _state(record: Record) -> Record:
    return {key: record[key] for key in ("id", "name", "provisioning_status", "operating_status")}
