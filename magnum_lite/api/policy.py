# SPDX-License-Identifier: Apache-2.0
"""The judge of policy rules: oslo.policy with our defaults and an operator's changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oslo_config import cfg
from oslo_policy import policy

from magnum_lite.api import rules
from magnum_lite.api.root import TABLE
from magnum_lite.context import RequestContext


class Policy:
    """Decides what a requester may do; reads the operator's policy file again when it changes."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._enforcer = policy.Enforcer(conf)
        self._enforcer.register_defaults(list_rules())

    def allows(self, name: str, context: RequestContext, target: Mapping[str, Any]) -> bool:
        credentials = context.to_policy_values()
        return bool(self._enforcer.authorize(name, dict(target), credentials, do_raise=False))


def list_rules() -> list[policy.RuleDefault]:
    """Give every rule with its default, for the enforcer and for the sample policy."""
    base = [policy.RuleDefault(name, check, sentence) for name, check, sentence in rules.BASE]
    used: dict[rules.Rule, list[Any]] = {}
    for route in TABLE.routes:
        for rule in filter(None, (route.rule, *route.also)):
            used.setdefault(rule, []).append({"method": route.method, "path": route.path})
    documented = []
    for rule, operations in sorted(used.items(), key=lambda item: item[0].name):
        documented.append(policy.DocumentedRuleDefault(rule.name, rule.default, rule.sentence, operations))
        if rule.all_projects is not None:
            sentence = f"{rule.sentence.rstrip('.')}, in every project."
            documented.append(policy.DocumentedRuleDefault(rule.all_projects, rules.ADMIN, sentence, operations))
    return [*base, *documented]
