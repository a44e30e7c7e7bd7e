# SPDX-License-Identifier: Apache-2.0
"""Calls to other OpenStack services: which endpoints, with what trust and for how long, the same for all of them."""

from typing import Any

from keystoneauth1 import loading
from oslo_config import cfg, types

GROUP = "service_clients"

# Of keystoneauth's options for one service these mean the same for every service.
_SHARED = ("region-name", "valid-interfaces", "connect-retries", "connect-retry-delay")
_DEFAULTS: dict[str, Any] = {"timeout": 30, "valid-interfaces": ["public"], "connect-retries": 1}
_ALLOWED: dict[str, Any] = {
    "timeout": types.Integer(min=1),
    "connect-retries": types.Integer(min=0),
    "valid-interfaces": types.List(types.String(choices=["public", "internal", "admin"])),
}


def _options() -> tuple[cfg.Opt, ...]:
    """Give keystoneauth's own options, with a bound for every call and no value that could not work."""
    adapter = {one.name: one for one in loading.get_adapter_conf_options(include_deprecated=False)}
    options = [*loading.get_session_conf_options(), *(adapter[name] for name in _SHARED)]
    for option in options:
        option.default = _DEFAULTS.get(option.name, option.default)
        option.type = _ALLOWED.get(option.name, option.type)
    return tuple(options)


OPTIONS = _options()
