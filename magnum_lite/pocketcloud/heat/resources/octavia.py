# SPDX-License-Identifier: Apache-2.0
"""What resource types of Octavia have in common."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.resource_type import ResourceType, cloud_of
from magnum_lite.pocketcloud.heat.resources.neutron import name_for
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json

IMMUTABLE = "is immutable"


class OctaviaResource(ResourceType):
    """A thing of Octavia, which takes one change of a load balancer at a time.

    While another change goes on Octavia answers 409; then the call is made again at the next look.
    """

    kind: ClassVar[str]

    def body(self, resource: Resource, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Give what is sent to Octavia for these properties."""
        return {name: value for name, value in wanted.items() if value is not None}

    def create(self, resource: Resource) -> None:
        """Ask for it."""
        body = self.body(resource, resource.wanted)
        if "name" in self.properties:
            body.setdefault("name", name_for(resource))
        made = self._when_mutable(lambda: cloud_of(resource).load_balancer.create(self.kind, resource.scope, body))
        if made is not None:
            resource.physical_id = made["id"]

    def is_created(self, resource: Resource) -> bool:
        """Say whether it works."""
        if resource.physical_id is None:
            self.create(resource)
            return False
        return self._is_active(resource)

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Change what is not the same any more."""
        resource.notes["changed"] = sorted(changed)
        self._change(resource)

    def is_updated(self, resource: Resource) -> bool:
        """Say whether the change works."""
        if "changed" in resource.notes:
            self._change(resource)
            return False
        return self._is_active(resource)

    def remove(self, resource: Resource) -> None:
        """Ask for its deletion."""
        resource.notes.pop("is_leaving", None)
        self._delete(resource)

    def is_removed(self, resource: Resource) -> bool:
        """Say whether it is gone."""
        if resource.physical_id is None:
            return True
        if "is_leaving" not in resource.notes:
            self._delete(resource)
        try:
            return bool(self.show(resource)["provisioning_status"] == "DELETED")
        except CloudFault as fault:
            if fault.status != 404:
                raise
            return True

    def show(self, resource: Resource) -> dict[str, Json]:
        """Give what Octavia says of it."""
        return cloud_of(resource).load_balancer.get(self.kind, resource.scope, str(resource.physical_id))

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give what Octavia says under this name."""
        shown = self.show(resource)
        return shown if name == "show" else shown.get(name)

    def _change(self, resource: Resource) -> None:
        body = self.body(resource, {name: resource.wanted[name] for name in resource.notes["changed"]})
        balancers, ident = cloud_of(resource).load_balancer, str(resource.physical_id)
        if self._when_mutable(lambda: balancers.update(self.kind, resource.scope, ident, body)) is not None:
            del resource.notes["changed"]

    def _delete(self, resource: Resource) -> None:
        if resource.physical_id is None:
            return
        try:
            self._when_mutable(lambda: self._send_delete(resource))
        except CloudFault as fault:
            if fault.status != 404:
                raise

    def _send_delete(self, resource: Resource) -> None:
        cloud_of(resource).load_balancer.delete(self.kind, resource.scope, str(resource.physical_id))
        resource.notes["is_leaving"] = True

    def _is_active(self, resource: Resource) -> bool:
        status = self.show(resource)["provisioning_status"]
        if status == "ERROR":
            raise refusals.in_error("ERROR", "Unknown")
        return bool(status == "ACTIVE")

    @staticmethod
    def _when_mutable(call: Callable[[], Json]) -> Json:
        try:
            return call()
        except CloudFault as fault:
            if IMMUTABLE not in fault.message:
                raise
            return None
