# SPDX-License-Identifier: Apache-2.0
"""Plain dicts kept by id: what a service of the pocket cloud knows of one kind of thing."""

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.scope import Scope

Record = dict[str, Any]
"""One OpenStack-shaped thing; `id` always there, `project_id` where it belongs to a project."""
Listing = list[Record]
"""The same as list[Record], for classes that have a method named list."""
Value = TypeVar("Value")


def new_id() -> str:
    """Make an id with dashes, as Nova, Neutron and Heat give."""
    return str(uuid.uuid4())


def now(*, zone: bool = True, seconds_ahead: float = 0.0) -> str:
    """Give the time as the services write it; `zone` appends the Z."""
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds_ahead)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if zone else "%Y-%m-%dT%H:%M:%S.%f")


def clone(value: Value) -> Value:
    """Copy a JSON value, so that what is handed out can be kept and changed freely."""
    copied: Any = value
    if isinstance(value, dict):
        copied = {key: clone(item) for key, item in value.items()}
    elif isinstance(value, list):
        copied = [clone(item) for item in value]
    return copied  # type: ignore[no-any-return]


class Records:
    """The things of one kind by id, in the order they were made; the caller holds the cloud's lock.

    `label` is what the service calls the kind in its messages ("Network"), `missing` its word for not found.
    """

    def __init__(self, label: str, *, missing: str = "", sentence: str = "{label} {ident} could not be found.") -> None:
        self.label = label
        self._missing = missing
        self._sentence = sentence
        self._by_id: dict[str, Record] = {}

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, ident: str) -> bool:
        return ident in self._by_id

    def add(self, record: Record) -> Record:
        """Keep the record itself (no copy) and give it back."""
        self._by_id[record["id"]] = record
        return record

    def get(self, ident: str, sees: Callable[[Record], bool] | None = None) -> Record:
        """Give the live record with this id, if `sees` lets the caller see it; else the service's 404."""
        record = self._by_id.get(str(ident))
        if record is None or (sees is not None and not sees(record)):
            raise self.missing(ident)
        return record

    def find(self, ident: str, sees: Callable[[Record], bool] | None = None) -> Record:
        """Give the live record with this id or, where it is the only one, with this name.

        Raises the service's 404, and 409 when several have the name.
        """
        if str(ident) in self._by_id:
            return self.get(ident, sees)
        named = [one for one in self if one.get("name") == ident and (sees is None or sees(one))]
        if len(named) > 1:
            raise errors.conflict(
                f"Multiple {self.label} matches found for name '{ident}', use an ID to be more specific."
            )
        if not named:
            raise self.missing(ident)
        return named[0]

    def missing(self, ident: str) -> errors.CloudFault:
        """Make the service's 404 for this id or name."""
        return errors.not_found(self._sentence.format(label=self.label, ident=ident), self._missing)

    def remove(self, ident: str) -> Record:
        """Forget the record and give it back."""
        return self._by_id.pop(ident)

    def count(self, project_id: str) -> int:
        """Count what belongs to the project."""
        return sum(1 for record in self._by_id.values() if record.get("project_id") == project_id)


def of_project(scope: Scope) -> Callable[[Record], bool]:
    """Give the test for what the caller sees when only the own project is visible."""
    return lambda record: scope.sees(record.get("project_id"))


def select(records: Iterable[Record], filters: Mapping[str, Any]) -> list[Record]:
    """Give the records that have all the wanted values; a list of values means any of them.

    Values may be text, as in a query string: "true" matches True and "5" matches 5.
    """
    wanted = {
        key: {_as_text(one) for one in (value if isinstance(value, list) else [value])}
        for key, value in filters.items()
    }
    return [one for one in records if all(_as_text(one.get(key)) in values for key, values in wanted.items())]


def paged(records: list[Record], query: Mapping[str, list[str]]) -> list[Record]:
    """Sort and cut a list as the query's sort_key, sort_dir, sort, marker and limit ask; an unknown marker is a 400."""
    for key, direction in reversed(_sorting(query)):
        records = sorted(records, key=lambda one: _as_text(one.get(key)), reverse=direction == "desc")
    marker = _last(query, "marker")
    if marker:
        ids = [one["id"] for one in records]
        if marker not in ids:
            raise errors.bad_request(f"marker [{marker}] not found", "MarkerNotFound")
        records = records[ids.index(marker) + 1 :]
    limit = _last(query, "limit")
    if not limit:
        return records
    if not limit.isdigit():
        raise errors.bad_request(
            f"Invalid input for field/attribute limit. Value: {limit}. It takes a whole number, 0 or more."
        )
    return records[: int(limit)]


def _sorting(query: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    pairs = [tuple(part.partition(":")[::2]) for text in query.get("sort", []) for part in text.split(",") if part]
    keys = query.get("sort_key", [])
    directions = query.get("sort_dir", [])
    pairs += [(key, directions[n] if n < len(directions) else "asc") for n, key in enumerate(keys)]
    return [(key, direction or "asc") for key, direction in pairs]


def _last(query: Mapping[str, list[str]], key: str) -> str:
    values = query.get(key) or [""]
    return values[-1]


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text.lower() if text in ("True", "False") else text
