# SPDX-License-Identifier: Apache-2.0
"""Options an operator sets, one module per group; nothing here is global."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keystoneauth1 import loading
from oslo_config import cfg
from oslo_db import options as db_options
from oslo_log import log
from oslo_policy import opts as policy_options

from magnum_lite.conf import (
    agent,
    api,
    certificates,
    cluster_user,
    conductor,
    drivers,
    heat,
    labels,
    quotas,
    releases,
    service_clients,
    vault,
)

GROUPS = (
    agent,
    api,
    certificates,
    cluster_user,
    conductor,
    drivers,
    heat,
    labels,
    quotas,
    releases,
    service_clients,
    vault,
)
SERVICE_AUTH = "service_auth"


def register(conf: cfg.ConfigOpts) -> None:
    """Register every option of ours, and those of the libraries whose defaults we set."""
    for module in GROUPS:
        conf.register_opts(module.OPTIONS, group=module.GROUP)
    loading.register_auth_conf_options(conf, SERVICE_AUTH)
    log.register_options(conf)
    db_options.set_defaults(conf, connection="sqlite:///magnum_lite.sqlite")
    policy_options.set_defaults(conf)


def unread() -> cfg.ConfigOpts:
    """Give a configuration of its own with every option registered, before any file or argument is read."""
    conf = cfg.ConfigOpts()
    register(conf)
    return conf


def new(args: Sequence[str] = (), config_files: Sequence[str] | None = None) -> cfg.ConfigOpts:
    """Give a configuration of its own, read from these files, or from the usual places of an OpenStack service."""
    conf = unread()
    conf(list(args), project="magnum_lite", default_config_files=None if config_files is None else list(config_files))
    return conf


def list_opts() -> list[tuple[str, list[Any]]]:
    """Give every option with its group, for the sample configuration."""
    ours = [(module.GROUP, list(module.OPTIONS)) for module in GROUPS]
    auth = [*loading.get_auth_common_conf_options(), *loading.get_auth_plugin_conf_options("password")]
    return [*ours, (SERVICE_AUTH, auth)]
