# SPDX-License-Identifier: Apache-2.0
"""Labels: a user's settings for a driver, each declared once and parsed from the text that a request carries."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast
from urllib.parse import urlsplit

from magnum_lite import errors
from magnum_lite.model.upstream_labels import UPSTREAM_LABELS

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

TRUE = ("true", "1", "yes", "on", "t", "y")
VOLUME_TYPE = "volume type"
FALSE = ("false", "0", "no", "off", "f", "n")


@dataclass(frozen=True)
class Kind(Generic[T_co]):
    """A kind of value: its name, a phrase that says what it takes, and how its text is read.

    ``read`` raises ``ValueError`` for a text that is not one.
    """

    name: str
    takes: str
    read: Callable[[str], T_co]


@dataclass(frozen=True)
class Label(Generic[T_co]):
    """One setting: its name as users write it, its kind, the value when nobody gives one, and a sentence of help."""

    name: str
    kind: Kind[T_co]
    default: T_co
    help: str

    def parse(self, given: str) -> T_co:
        """Read a user's text; raise ``InvalidLabel`` that names the label, the text and what is allowed."""
        try:
            return self.kind.read(given.strip())
        except ValueError:
            raise errors.InvalidLabel(self.name, given, f"it takes {self.kind.takes}") from None


@dataclass(frozen=True)
class LabelValues:
    """The typed value of every declared label; ``values[LABEL]`` has the type that the label's kind reads."""

    by_name: Mapping[str, object]

    def __getitem__(self, label: Label[T]) -> T:
        return cast(T, self.by_name[label.name])


@dataclass(frozen=True)
class UnknownLabel:
    """A label that has no effect; ``upstream`` when Magnum knew it, ``nearest`` the declared name it resembles."""

    name: str
    nearest: str | None
    upstream: bool

    def sentence(self) -> str:
        if self.upstream:
            return f"label {self.name} is known to Magnum and has no effect here"
        meant = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"label {self.name} is unknown and has no effect{meant}"


@dataclass(frozen=True)
class Description:
    """What documentation and clients are told of one label; ``default`` is ``None`` where it depends on others."""

    name: str
    kind: str
    takes: str
    default: object
    help: str


@dataclass(frozen=True)
class Labels:
    """The labels that one driver understands."""

    declared: tuple[Label[object], ...] = ()

    def parse(self, given: Mapping[str, str]) -> LabelValues:
        """Give every declared label's value, the default where none is given.

        Raises ``InvalidLabel`` for the first bad one. Undeclared labels are left out: see ``unknown``.
        """
        return LabelValues(
            {one.name: one.parse(given[one.name]) if one.name in given else one.default for one in self.declared}
        )

    def unknown(self, given: Mapping[str, str]) -> tuple[UnknownLabel, ...]:
        """Give the labels that have no effect here, in the order of their names."""
        names = [one.name for one in self.declared]
        return tuple(_unknown(name, names) for name in sorted(given) if name not in names)

    def volume_types(self, given: Mapping[str, str]) -> dict[str, str]:
        """Give the volume types that these labels name, by label."""
        names = [one.name for one in self.declared if one.kind.name == VOLUME_TYPE]
        return {name: given[name].strip() for name in names if given.get(name, "").strip()}

    def describe(self) -> tuple[Description, ...]:
        """Give one description per label, in the order of declaration."""
        return tuple(
            Description(one.name, one.kind.name, one.kind.takes, one.default, one.help) for one in self.declared
        )


def declare(*labels: Label[object]) -> Labels:
    """Gather labels of any kind."""
    return Labels(labels)


def _unknown(name: str, names: Sequence[str]) -> UnknownLabel:
    upstream = name in UPSTREAM_LABELS
    nearest = [] if upstream else difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.75)
    return UnknownLabel(name, nearest[0] if nearest else None, upstream)


def string(takes: str = "a text", pattern: str = r"[\x20-\x7e]*") -> Kind[str]:
    """Take a text that matches the whole pattern."""
    wanted = re.compile(pattern)

    def read(given: str) -> str:
        if not wanted.fullmatch(given):
            raise ValueError(given)
        return given

    return Kind("string", takes, read)


def volume_type() -> Kind[str]:
    """Take the name of one of the cloud's volume types, which whoever takes the label looks up, or nothing."""
    return Kind(VOLUME_TYPE, "the name of a volume type, or nothing", string(pattern=r"[\w.:-]{0,255}").read)


def integer(minimum: int, maximum: int) -> Kind[int]:
    return Kind("integer", f"a whole number from {minimum} to {maximum}", _bounded(minimum, maximum))


def size(minimum: int, maximum: int) -> Kind[int]:
    """Take a number of GiB."""
    return Kind("size", f"a whole number of GiB from {minimum} to {maximum}", _bounded(minimum, maximum))


def _bounded(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(given: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,15}", given) or not minimum <= int(given) <= maximum:
            raise ValueError(given)
        return int(given)

    return read


def boolean() -> Kind[bool]:
    return Kind("boolean", "true or false", _boolean)


def optional_boolean() -> Kind[bool | None]:
    """Take true or false, for a label whose default depends on something else."""
    return Kind("boolean", "true or false", _boolean)


def _boolean(given: str) -> bool:
    if given.lower() not in TRUE + FALSE:
        raise ValueError(given)
    return given.lower() in TRUE


def choice(*allowed: str) -> Kind[str]:
    """Take one of the words, in any case."""
    words = {word.lower(): word for word in allowed}

    def read(given: str) -> str:
        if given.lower() not in words:
            raise ValueError(given)
        return words[given.lower()]

    return Kind("choice", f"one of {', '.join(allowed)}", read)


def cidr(smallest_prefix: int = 8, largest_prefix: int = 28) -> Kind[str]:
    """Take an IPv4 network for machines to live in; the prefix lengths bound its size."""

    def read(given: str) -> str:
        network = ipaddress.IPv4Network(given)
        if not smallest_prefix <= network.prefixlen <= largest_prefix or "/" not in given:
            raise ValueError(given)
        return str(network)

    return Kind("cidr", f"an IPv4 network such as 10.0.0.0/16, from /{smallest_prefix} to /{largest_prefix}", read)


def cidr_list() -> Kind[tuple[str, ...]]:
    """Take networks of either family, separated by commas or blanks; a bare address is a network of one."""

    def read(given: str) -> tuple[str, ...]:
        words = re.split(r"[,;\s]+", given.strip("[]() ,;").replace('"', "").replace("'", ""))
        return tuple(str(ipaddress.ip_network(word)) for word in words if word)

    return Kind("cidr_list", "networks separated by commas, such as 192.0.2.0/24,198.51.100.7/32", read)


def words(pattern: str = r"[\w.:/@-]+") -> Kind[tuple[str, ...]]:
    """Take words separated by commas."""
    wanted = re.compile(pattern)

    def read(given: str) -> tuple[str, ...]:
        found = tuple(word.strip() for word in given.split(",") if word.strip())
        if not all(wanted.fullmatch(word) for word in found):
            raise ValueError(given)
        return found

    return Kind("list", "words separated by commas", read)


def url() -> Kind[str]:
    """Take an address of the web, or nothing."""

    def read(given: str) -> str:
        parts = urlsplit(given)
        if given and (parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", given)):
            raise ValueError(given)
        return given

    return Kind("url", "a URL that begins with http:// or https://", read)
