# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of quotas."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Self

from wsme import types as wtypes

from magnum_lite.api import wire
from magnum_lite.api.fields import Boolean, Choice, Integer, Text
from magnum_lite.api.v1.paging_views import PageQuery
from magnum_lite.errors import InvalidField
from magnum_lite.model import Quota
from magnum_lite.model.quota import CLUSTER
from magnum_lite.store.paging import Page

RESOURCES = (CLUSTER,)
DEFAULT_LIMIT = 1


class QuotaWish(wtypes.Base):  # type: ignore[misc]
    """A new quota; a limit that is not given is 1, as in Magnum."""

    _defaults = {"resource": CLUSTER, "hard_limit": DEFAULT_LIMIT}

    project_id = wtypes.wsattr(Text(), mandatory=True)
    resource = wtypes.wsattr(Choice(*RESOURCES))
    hard_limit = wtypes.wsattr(Integer(0))

    def to_values(self) -> tuple[str, str, int]:
        """Give project, resource and limit."""
        given = wire.given(self)
        return given["project_id"], given.get("resource", CLUSTER), given.get("hard_limit", DEFAULT_LIMIT)


class QuotaChange(wtypes.Base):  # type: ignore[misc]
    """Another limit for a quota: a plain object; project and resource may be told again, as the path has them."""

    project_id = wtypes.wsattr(Text())
    resource = wtypes.wsattr(Choice(*RESOURCES))
    hard_limit = wtypes.wsattr(Integer(0), mandatory=True)

    def to_limit(self, project_id: str, resource: str) -> int:
        """Give the limit; raise ``InvalidField`` when the body speaks of another quota than the path."""
        given = wire.given(self)
        for name, told in (("project_id", project_id), ("resource", resource)):
            if given.get(name, told) != told:
                raise InvalidField(name, given[name], f"it must be {told}, as in the path, or left out")
        limit: int = given["hard_limit"]
        return limit


class QuotaQuery(PageQuery):
    """``all_tenants`` lists the quotas of every project; ``marker`` is the id of the last quota seen."""

    marker = wtypes.wsattr(Integer(1))
    all_tenants = wtypes.wsattr(Boolean())

    def to_part(self) -> tuple[Page, bool]:
        """Give the page, and whether it is about every project."""
        # No column has this name: it says which rows are meant, and not what one of them holds.
        page = dataclasses.replace(self.to_page(), filters={})
        return page, bool(wire.given(self).get("all_tenants"))


class QuotaView(wtypes.Base):  # type: ignore[misc]
    """How many of a resource a project may have; without ``id`` it is the default, which nobody has set."""

    id = int
    project_id = str
    resource = str
    hard_limit = int
    created_at = datetime.datetime
    updated_at = datetime.datetime

    @classmethod
    def of(cls, row: Quota) -> Self:
        return cls(
            id=row.id,
            project_id=row.project_id,
            resource=row.resource,
            hard_limit=row.hard_limit,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class Quotas(wtypes.Base):  # type: ignore[misc]
    quotas = [QuotaView]
    next = str


def check_resource(resource: str) -> str:
    """Give the resource that a path names; raise ``InvalidField`` for a word that is none."""
    if resource not in RESOURCES:
        raise InvalidField("resource", resource, f"it takes {' or '.join(RESOURCES)}")
    return resource
