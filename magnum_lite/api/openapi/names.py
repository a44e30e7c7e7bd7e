# SPDX-License-Identifier: Apache-2.0
"""What operations are called and how they are described: by their modules, functions and rules."""

from __future__ import annotations

import inspect
import re
import sys

from magnum_lite.api.routes import Route


def tag_of(route: Route) -> str:
    """Give the name of the module that a route stands in."""
    return str(route.function.__module__).rsplit(".", 1)[-1]


def tag_sentence(route: Route) -> str:
    return (sys.modules[route.function.__module__].__doc__ or "").strip()


def operation_id(route: Route) -> str:
    """Give a name such as ``clusters-create``."""
    return f"{tag_of(route)}-{route.function.__name__.strip('_')}"


def summary_of(route: Route) -> str:
    """Give the first sentence of the function's docstring, else what its rule is for; raise ``ValueError`` if neither.

    A rule that guards several routes says the same of each, so those need docstrings.
    """
    said = description_of(route) or (route.rule.sentence if route.rule else "")
    if not said:
        raise ValueError(f"{route.method} {route.path} needs a docstring: it has no rule that says what it does")
    return re.split(r"(?<=\.)\s", said, maxsplit=1)[0]


def description_of(route: Route) -> str:
    """Give the function's docstring on one line, empty where there is none."""
    return " ".join((inspect.getdoc(route.function) or "").split())
