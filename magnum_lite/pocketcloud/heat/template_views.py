# SPDX-License-Identifier: Apache-2.0
"""What a template declares, as Heat's API shows it."""

from typing import Final

from magnum_lite.pocketcloud.heat import constraints, parameters, plan
from magnum_lite.pocketcloud.heat.frame import Frame
from magnum_lite.pocketcloud.heat.parameters import Parameter
from magnum_lite.pocketcloud.heat.resources import registry
from magnum_lite.pocketcloud.heat.stack import Wish
from magnum_lite.pocketcloud.heat.values import UNKNOWN, Json, as_text

TYPE_NAMES: Final = {
    "string": "String",
    "number": "Number",
    "comma_delimited_list": "CommaDelimitedList",
    "json": "Json",
    "boolean": "Boolean",
}


def values(wish: Wish) -> dict[str, str]:
    """Show the values of the wish's parameters."""
    return parameters.shown(wish.template.parameters.values(), wish.values)


def declared(wish: Wish) -> dict[str, Json]:
    """Show a template's parameters, after a check of all that can be checked without their values."""
    known = {name: wish.values.get(name, _default(one)) for name, one in wish.template.parameters.items()}
    pseudo = dict.fromkeys(("OS::stack_name", "OS::stack_id", "OS::project_id"), UNKNOWN)
    frame = Frame(wish.template, {**known, **pseudo}, wish.files)
    plan.plan(frame, lambda definition: registry.type_of(definition, wish))
    return {
        "Description": wish.template.description,
        "Parameters": {name: _parameter(one, wish) for name, one in wish.template.parameters.items()},
        "ParameterGroups": list(wish.template.raw.get("parameter_groups") or []),
        "Environment": wish.environment.as_json(),
    }


def _default(parameter: Parameter) -> Json:
    if not parameter.has_default:
        return UNKNOWN
    return None if parameter.default is None else parameter.value_of(parameter.default)


def _parameter(parameter: Parameter, wish: Wish) -> dict[str, Json]:
    body: dict[str, Json] = {
        "Type": TYPE_NAMES[parameter.type],
        "Label": parameter.label,
        "Description": parameter.description,
        "NoEcho": str(parameter.is_hidden).lower(),
    }
    if parameter.has_default:
        body["Default"] = as_text(parameter.default)
    if parameter.name in wish.values:
        body["Value"] = wish.values[parameter.name]
    for constraint in parameter.constraints:
        body |= _constraint(constraint)
    return body


def _constraint(constraint: constraints.Constraint) -> dict[str, Json]:
    match constraint:
        case constraints.Described(inner, description):
            return {**_constraint(inner), "ConstraintDescription": description}
        case constraints.AllowedValues(allowed):
            return {"AllowedValues": list(allowed)}
        case constraints.AllowedPattern(pattern):
            return {"AllowedPattern": pattern}
        case constraints.Range(low, high):
            return _present(MinValue=low, MaxValue=high)
        case constraints.Length(low, high):
            return _present(MinLength=low, MaxLength=high)
        case constraints.Custom(name):
            return {"CustomConstraint": name}
    return {}


def _present(**limits: float | None) -> dict[str, Json]:
    return {name: limit for name, limit in limits.items() if limit is not None}
