# SPDX-License-Identifier: Apache-2.0
"""OS::Heat::SoftwareConfig and OS::Heat::SoftwareDeployment."""

from collections.abc import Mapping

from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.refusals import Failure, ResourceFailed
from magnum_lite.pocketcloud.heat.resource_type import ResourceType
from magnum_lite.pocketcloud.heat.resources.waiting import TRANSPORTS
from magnum_lite.pocketcloud.heat.schema import AllowedValues, Property, Schema, boolean, list_, map_, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json

ACTIONS = ("CREATE", "UPDATE", "DELETE", "SUSPEND", "RESUME")
FAILED = "deploy_status_code : Deployment exited with non-zero status code:"
RESULTS = ("deploy_stdout", "deploy_stderr", "deploy_status_code")


class SoftwareConfig(ResourceType):
    """A piece of configuration, kept for deployments."""

    name = "OS::Heat::SoftwareConfig"
    properties: Schema = {
        "group": string(default="Heat::Ungrouped"),
        "config": Property("any"),
        "options": map_(),
        "inputs": list_(map_()),
        "outputs": list_(map_()),
    }
    attributes = ("config", "show")

    def create(self, resource: Resource) -> None:
        """Keep it."""
        resource.physical_id = resource.id

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give the configuration."""
        return resource.wanted["config"] if name == "config" else dict(resource.wanted)


class SoftwareDeployment(ResourceType):
    """A configuration's way to a server: done at once without signals, else when the server says so."""

    name = "OS::Heat::SoftwareDeployment"
    properties: Schema = {
        "name": string(changes=True),
        "config": string(changes=True),
        "server": string(required=True),
        "input_values": map_(changes=True),
        "actions": list_(string(AllowedValues(ACTIONS)), changes=True, default=["CREATE", "UPDATE"]),
        "signal_transport": string(AllowedValues(TRANSPORTS), default="CFN_SIGNAL"),
        "deploy_on_no_change": boolean(changes=True, default=False),
    }
    attributes = (*RESULTS, "show")

    def create(self, resource: Resource) -> None:
        """Start to wait for the server's word."""
        resource.physical_id = resource.id
        resource.notes["results"] = {} if self._is_awaited(resource, "CREATE") else None

    def is_created(self, resource: Resource) -> bool:
        """Say whether the server has reported; fail when it reported a failure."""
        results = resource.notes["results"]
        if results is None:
            return True
        if code := results.get("deploy_status_code"):
            raise ResourceFailed(Failure("Error", f"Deployment to server failed: {FAILED} {code}"))
        return bool(results)

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Start to wait for the server's word again."""
        resource.notes["results"] = {} if self._is_awaited(resource, "UPDATE") else None

    def is_updated(self, resource: Resource) -> bool:
        """Say whether the server has reported."""
        return self.is_created(resource)

    def wait(self, resource: Resource, looks: int) -> float | None:
        """Say that a signal wakes it."""
        return None

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give what the server reported."""
        results = resource.notes["results"] or {}
        return results if name == "show" else results.get(name)

    def signal(self, resource: Resource, details: Mapping[str, Json]) -> str:
        """Note the server's report."""
        code = str(details.get("deploy_status_code") or 0)
        if not code.isdigit():
            raise refusals.bad_request(f"deploy_status_code: {code!r} is not a number")
        resource.notes["results"] = {**dict.fromkeys(RESULTS), **details, "deploy_status_code": int(code)}
        if resource.wake is not None:
            resource.wake()
        return f"deployment {'failed' if resource.notes['results']['deploy_status_code'] else 'succeeded'}"

    def _is_awaited(self, resource: Resource, action: str) -> bool:
        return resource.wanted["signal_transport"] != "NO_SIGNAL" and action in (resource.wanted["actions"] or [])
