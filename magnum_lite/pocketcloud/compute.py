# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Nova: flavors, key pairs, server groups and servers."""

import functools
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud import errors, server_wishes, servers
from magnum_lite.pocketcloud.keypairs import Keypairs
from magnum_lite.pocketcloud.quotas import Quotas
from magnum_lite.pocketcloud.records import Record, Records, clone, new_id, now, of_project
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

DELETE_SECONDS = 0.1
POLICIES = ("anti-affinity", "affinity", "soft-affinity", "soft-anti-affinity")
LARGE = {
    "instances": 100_000,
    "cores": 1_000_000,
    "ram": 1_000_000_000,
    "key_pairs": 1000,
    "metadata_items": 128,
    "server_groups": 100_000,
    "server_group_members": 100_000,
    "injected_files": 0,
    "injected_file_content_bytes": 0,
    "injected_file_path_bytes": 0,
}


class Compute:
    """Nova's things. A server's record also holds what only the service itself reads, under keys with a leading _."""

    def __init__(self, cloud: "Cloud") -> None:
        self.cloud = cloud
        self._lock = cloud.lock
        self._faults = cloud.faults
        self.flavors = Records("Flavor")
        self.groups = Records("Instance group")
        self.servers = Records("Instance")
        self.keypairs = Keypairs(cloud.lock)
        self.quotas = Quotas(LARGE)

    # Flavors and key pairs.

    def add_flavor(self, name: str, *, vcpus: int, ram: int, disk: int) -> Record:
        """Register a public flavor; RAM in MiB, disk in GiB."""
        record: Record = {"id": new_id(), "name": name, "vcpus": vcpus, "ram": ram, "disk": disk, "swap": 0}
        record.update({"OS-FLV-EXT-DATA:ephemeral": 0, "OS-FLV-DISABLED:disabled": False, "rxtx_factor": 1.0})
        record.update({"os-flavor-access:is_public": True, "description": None, "extra_specs": {}})
        with self._lock:
            return clone(self.flavors.add(record))

    def find_flavor(self, scope: Scope, name_or_id: str) -> Record:
        """Give the flavor with this id, or else this name."""
        self._faults.check("nova", "get_flavor", scope, name_or_id)
        with self._lock:
            return clone(self.flavors.find(name_or_id))

    def find_keypair(self, scope: Scope, name: str) -> Record:
        """Give the caller's key pair of this name."""
        self._faults.check("nova", "get_keypair", scope, name)
        return self.keypairs.get(scope.user_id, name)

    # Server groups.

    def create_server_group(self, scope: Scope, body: Record) -> Record:
        """Make a server group from {"name", "policy" or "policies"}."""
        self._faults.check("nova", "create_server_group", scope, str(body.get("name") or ""))
        policies = body.get("policies")
        policy = policies[0] if isinstance(policies, list) and policies else body.get("policy")
        if policy not in POLICIES:
            raise errors.bad_request(
                f"Invalid input for field/attribute policy. Value: {policy}. '{policy}' is not one of {list(POLICIES)}"
            )
        record = {
            "id": new_id(),
            "name": body.get("name") or "",
            "policy": policy,
            "policies": [policy],
            "rules": body.get("rules") or {},
            "members": [],
            "metadata": {},
            "project_id": scope.project_id,
            "user_id": scope.user_id,
        }
        with self._lock:
            if self.quotas.exceeded(scope.project_id, "server_groups", self.groups.count(scope.project_id)):
                raise errors.forbidden("Quota exceeded, too many server groups.")
            return clone(self.groups.add(record))

    def get_server_group(self, scope: Scope, ident: str) -> Record:
        """Give the server group with this id."""
        with self._lock:
            return clone(self.groups.get(ident, of_project(scope)))

    def delete_server_group(self, scope: Scope, ident: str) -> None:
        """Remove a server group; its servers stay."""
        self._faults.check("nova", "delete_server_group", scope)
        with self._lock:
            self.groups.get(ident, of_project(scope))
            self.groups.remove(ident)

    # Servers.

    def create_server(self, scope: Scope, body: Record) -> Record:
        """Make a server from Nova's inner object (scheduler hints under "os:scheduler_hints").

        It is BUILD when this returns, ACTIVE or ERROR settings.server_seconds later, and then its agent runs.
        Quotas are Nova's 403, wrong references its 400.
        """
        self._faults.check("nova", "create_server", scope, str(body.get("name") or ""))
        wanted = server_wishes.checked(self, scope, body)
        with self._lock:
            servers.check_quota(self, scope.project_id, wanted.flavor)
            record = self.servers.add(servers.blank(scope, wanted))
        self._equip(scope, record, wanted)
        failure = self._faults.take("server-error", "nova", "create_server", scope, record["name"])
        finish = functools.partial(
            self._finish, record["id"], failure.message or "No valid host was found." if failure else ""
        )
        self.cloud.clock.later(self.cloud.settings.server_seconds, finish)
        return clone(record)

    def get_server(self, scope: Scope, ident: str) -> Record:
        """Give the server with this id."""
        self._faults.check("nova", "get_server", scope)
        with self._lock:
            return servers.with_addresses(self, self.servers.get(ident, of_project(scope)))

    def list_servers(self, scope: Scope, *, all_projects: bool = False) -> list[Record]:
        """List the project's servers, or everybody's for an admin who asks."""
        self._faults.check("nova", "list_servers", scope)
        everything = all_projects and scope.is_admin
        with self._lock:
            own = [one for one in self.servers if everything or one["project_id"] == scope.project_id]
            return [servers.with_addresses(self, one) for one in reversed(own)]

    def update_server(self, scope: Scope, ident: str, values: Record) -> Record:
        """Change a server's name or metadata."""
        with self._lock:
            record = self.servers.get(ident, of_project(scope))
            record.update(
                {key: values[key] for key in ("name", "metadata", "description") if key in values}, updated=now()
            )
            return servers.with_addresses(self, record)

    def delete_server(self, scope: Scope, ident: str) -> None:
        """Remove a server: its agent ends and it is gone shortly after."""
        self._faults.check("nova", "delete_server", scope)
        with self._lock:
            record = self.servers.get(ident, of_project(scope))
            record["OS-EXT-STS:task_state"] = "deleting"
        self.cloud.clock.later(DELETE_SECONDS, functools.partial(self._drop, ident))

    def act(self, scope: Scope, ident: str, action: str) -> None:
        """Stop, start or reboot a server: its agent ends, begins or both."""
        with self._lock:
            record = self.servers.get(ident, of_project(scope))
            servers.check_action(record, action)
            record.update(servers.after(action), updated=now())
        if action in ("stop", "reboot"):
            self.cloud.nodes.end(ident)
        if action in ("start", "reboot"):
            self.cloud.nodes.begin(clone(record))

    def attach_volume(self, scope: Scope, server_id: str, volume_id: str) -> Record:
        """Give a server a volume; gives the attachment."""
        self._faults.check("nova", "attach_volume", scope)
        with self._lock:
            record = self.servers.get(server_id, of_project(scope))
            device = f"/dev/vd{chr(ord('b') + len(record['_volumes']))}"
            attachment = self.cloud.volume.attach(scope, volume_id, server_id, device)
            record["_volumes"].append({"id": volume_id, "delete_on_termination": False})
        return {"id": volume_id, "volumeId": volume_id, "serverId": server_id, "device": attachment["device"]}

    def detach_volume(self, scope: Scope, server_id: str, volume_id: str) -> None:
        """Take a volume from a server."""
        self._faults.check("nova", "detach_volume", scope)
        with self._lock:
            record = self.servers.get(server_id, of_project(scope))
            kept = [one for one in record["_volumes"] if one["id"] != volume_id]
            if len(kept) == len(record["_volumes"]):
                raise errors.not_found(f"volume_id not found: {volume_id}")
            record["_volumes"] = kept
            self.cloud.volume.detach(volume_id)

    def _equip(self, scope: Scope, record: Record, wanted: server_wishes.Wanted) -> None:
        """Give a new server what it wants, or take everything back."""
        try:
            servers.equip(self, scope, record, wanted)
        except errors.CloudFault:
            with self._lock:
                self.servers.remove(record["id"])
                servers.let_go(self, record)
            raise

    def _finish(self, ident: str, failure: str) -> None:
        """Bring a building server to its end: ACTIVE with its agent, or ERROR."""
        with self._lock:
            if ident not in self.servers or self.servers.get(ident)["OS-EXT-STS:task_state"] == "deleting":
                return
            record = self.servers.get(ident)
            record.update(servers.failed(failure) if failure else servers.active(), updated=now())
            for port in record["_ports"]:
                self.cloud.network.bind(port["id"], {"status": "DOWN" if failure else "ACTIVE"})
            snapshot = clone(record)
        if not failure:
            self.cloud.nodes.begin(snapshot)
        # The server may have been deleted while its agent was being started.
        with self._lock:
            is_gone = ident not in self.servers
        if is_gone:
            self.cloud.nodes.end(ident, forget=True)

    def _drop(self, ident: str) -> None:
        """Forget a server and let go of what it had."""
        with self._lock:
            if ident not in self.servers:
                return
            record = self.servers.remove(ident)
            for group in self.groups:
                group["members"] = [member for member in group["members"] if member != ident]
            servers.let_go(self, record)
        self.cloud.nodes.end(ident, forget=True)
