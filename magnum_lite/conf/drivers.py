# SPDX-License-Identifier: Apache-2.0
"""Which cluster drivers are used."""

from oslo_config import cfg

GROUP = "drivers"

OPTIONS = (
    cfg.ListOpt("disabled", default=[], help="Names of installed drivers that are not loaded."),
    cfg.StrOpt("default", help="The driver for templates that name none, when several fit."),
)
