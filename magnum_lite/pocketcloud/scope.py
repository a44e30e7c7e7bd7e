# SPDX-License-Identifier: Apache-2.0
"""Who is asking a service, and on behalf of which project."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Scope:
    """A caller: the user, the project (empty for a domain or unscoped token) and the names of the roles held there."""

    user_id: str
    project_id: str
    roles: tuple[str, ...] = ()
    domain_id: str = ""
    user_domain_id: str = ""
    token: str = ""

    @property
    def is_admin(self) -> bool:
        """Tell whether the caller may see and do everything in the cloud."""
        return "admin" in self.roles

    @property
    def may_write(self) -> bool:
        """Tell whether the caller may change things in the project."""
        return "member" in self.roles or self.is_admin

    def sees(self, project_id: str | None) -> bool:
        """Tell whether what belongs to the project is visible to the caller."""
        return self.is_admin or project_id == self.project_id


SYSTEM = Scope("pocketcloud", "", ("admin",))
"""The cloud itself, for work that no caller waits for."""
