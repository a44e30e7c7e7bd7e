# SPDX-License-Identifier: Apache-2.0
"""What templates, parameters and environments may look like."""

import textwrap
from typing import Any

import pytest

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import environment, template
from tests.unit.pocketcloud_heat.heat import Heat, hot

VALUE = "{type: OS::Heat::Value, properties: {value: 1}}"


@pytest.mark.parametrize(("written", "version"), [("2018-08-31", "2018-08-31"), ("queens", "2018-03-02")])
def test_a_version_may_be_a_date_or_a_release(written: str, version: str) -> None:
    assert template.of_text(f"heat_template_version: {written}").version == version


def test_dates_in_a_template_stay_strings() -> None:
    read = template.load("heat_template_version: 2021-04-16\nx: 2020-01-01")

    assert read == {"heat_template_version": "2021-04-16", "x": "2020-01-01"}


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("heat_template_version: 2099-01-01", "InvalidTemplateVersion", '"heat_template_version: 2099-01-01"'),
        ("resources: {}", "InvalidTemplateVersion", "Template version was not provided"),
        ("- a\n- list", "HTTPBadRequest", "not a JSON object or YAML mapping"),
        ("a: [", "HTTPBadRequest", "Error parsing template"),
        (hot("bogus: {}"), "InvalidTemplateSection", "The template section is invalid: bogus"),
        (hot("resources: [a]"), "StackValidationFailed", '"resources" must contain a mapping'),
        (hot("resources: {a: text}"), "StackValidationFailed", "instead for resource a"),
        (hot("resources: {a: {properties: {}}}"), "StackValidationFailed", "must contain a type key"),
        (hot("resources: {a: {type: X, prop: {}}}"), "StackValidationFailed", '"prop" is not a valid keyword'),
        (hot("resources: {a: {type: X, depends_on: 7}}"), "StackValidationFailed", "resources.a.depends_on"),
        (hot("resources: {a: {type: X, deletion_policy: maybe}}"), "StackValidationFailed", '"maybe"'),
        (hot("resources: {a/b: {type: X}}"), "StackValidationFailed", 'may not contain "/"'),
        (hot("outputs: {a: {}}"), "StackValidationFailed", "must contain a value key"),
        (hot("parameters: {a: {type: text}}"), "StackValidationFailed", "Invalid type (text) for parameter (a)"),
        (hot("parameters: {a: {type: string, defalt: 1}}"), "StackValidationFailed", "Invalid key 'defalt'"),
        (hot("parameters: {a: {type: number, default: x}}"), "StackValidationFailed", "Parameter 'a' is invalid"),
        (
            hot("parameters: {a: {type: string, constraints: [{alowed: 1}]}}"),
            "StackValidationFailed",
            "Invalid parameter constraints for parameter a",
        ),
        (
            hot("parameters: {a: {type: string, constraints: [{allowed_pattern: '['}]}}"),
            "StackValidationFailed",
            "Invalid allowed_pattern constraint",
        ),
    ],
)
def test_a_malformed_template_is_refused(text: str, kind: str, said: str) -> None:
    with pytest.raises(CloudFault) as raised:
        template.of_text(text)

    assert (raised.value.status, raised.value.kind) == (400, kind)
    assert said in raised.value.message


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("a: {type: OS::Nothing::Here}", "StackValidationFailed", "The Resource Type (OS::Nothing::Here)"),
        ("a: {type: missing.yaml}", "StackValidationFailed", 'Could not fetch remote template "missing.yaml"'),
        (
            "a: {type: OS::Heat::Value}",
            "StackValidationFailed",
            "resources.a.properties: : Property value not assigned",
        ),
        (
            "a: {type: OS::Heat::Value, properties: {value: 1, vlue: 2}}",
            "StackValidationFailed",
            "resources.a.properties: : Unknown Property vlue",
        ),
        (
            "a: {type: OS::Neutron::Port, properties: {network: private, fixed_ips: [{subnet: private-subnet, x: 1}]}}",
            "StackValidationFailed",
            "resources.a.properties.fixed_ips[0]: : Unknown Property x",
        ),
        (
            "a: {type: OS::Nova::Server, properties: {flavor: huge}}",
            "StackValidationFailed",
            "resources.a.properties.flavor: : Error validating value 'huge': The Flavor (huge) could not be found.",
        ),
        (
            "a: {type: OS::Heat::RandomString, properties: {length: many}}",
            "StackValidationFailed",
            "Value 'many' is not an integer",
        ),
        (
            "a: {type: OS::Heat::RandomString, properties: {length: 513}}",
            "StackValidationFailed",
            "513 is out of range (min: 1, max: 512)",
        ),
        (
            "a: {type: OS::Heat::Value, properties: {value: {get_resource: b}}}",
            "InvalidTemplateReference",
            'The specified reference "b" (in a) is incorrect.',
        ),
        ("a: {type: OS::Heat::None, depends_on: b}", "InvalidTemplateReference", '"b" (in a)'),
        (
            "a: {type: OS::Heat::Value, properties: {value: {get_param: b}}}",
            "UserParameterMissing",
            "The Parameter (b) was not provided.",
        ),
        (
            f"{{a: {VALUE}, b: {{type: OS::Heat::Value, properties: {{value: {{get_attr: [a, vlue]}}}}}}}}",
            "InvalidTemplateAttribute",
            "The Referenced Attribute (a vlue) is incorrect.",
        ),
        (
            "{a: {type: OS::Heat::None, depends_on: b}, b: {type: OS::Heat::None, depends_on: a}}",
            "CircularDependencyException",
            "Circular Dependency Found",
        ),
    ],
)
def test_a_stack_that_cannot_be_is_refused_before_anything_is_made(heat: Heat, text: str, kind: str, said: str) -> None:
    with pytest.raises(CloudFault) as raised:
        heat.begin("resources:\n" + textwrap.indent(text, "  "))

    assert (raised.value.status, raised.value.kind) == (400, kind)
    assert said in raised.value.message
    assert heat.engine.count(heat.scope.project_id) == 0


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ("type: number", "7", 7),
        ("type: number", "0.5", 0.5),
        ("type: boolean", "yes", True),
        ("type: boolean", 0, False),
        ("type: comma_delimited_list", "a, b", ["a", "b"]),
        ("type: comma_delimited_list", ["a"], ["a"]),
        ("type: json", '{"a": [1]}', {"a": [1]}),
        ("type: string", 5, "5"),
        ("{type: string, default: x}", None, "x"),
        ("{type: number, constraints: [{range: {min: 1, max: 3}}]}", 3, 3),
        ("{type: number, constraints: [{modulo: {step: 2, offset: 1}}]}", 3, 3),
        ("{type: string, constraints: [{custom_constraint: nova.flavor}]}", "m1.small", "m1.small"),
        ("{type: string, default: '', constraints: [{custom_constraint: nova.keypair}]}", None, ""),
    ],
)
def test_a_parameter_is_given_in_its_type(heat: Heat, declared: str, given: Any, value: Any) -> None:
    declared = declared if declared.startswith("{") else f"{{{declared}}}"

    stack = heat.create(f"parameters: {{p: {declared}}}", parameters={"p": given})

    assert stack.wish.values == {"p": value}


@pytest.mark.parametrize(
    ("declared", "given", "said"),
    [
        ("type: number", "seven", "Parameter 'p' is invalid: could not convert"),
        ("type: boolean", "perhaps", "Unrecognized value 'perhaps'"),
        ("type: json", "{", "Parameter 'p' is invalid"),
        ("type: number, constraints: [{range: {max: 3}}]", 4, "4 is out of range (min: None, max: 3)"),
        ("type: string, constraints: [{length: {min: 2}}]", "a", "length (1) is out of range"),
        ("type: string, constraints: [{allowed_values: [a, b]}]", "c", "\"c\" is not an allowed value ['a', 'b']"),
        ("type: string, constraints: [{allowed_pattern: '[a-z]+'}]", "A", '"A" does not match pattern "[a-z]+"'),
        ("type: number, constraints: [{modulo: {step: 2, offset: 1}}]", 2, "2 is not a multiple of 2"),
        ("type: string, constraints: [{length: {min: 2}, description: be long}]", "a", "is invalid: be long"),
        ("type: string, constraints: [{custom_constraint: glance.image}]", "x", "The Image (x) could not be found."),
        ("type: string, constraints: [{custom_constraint: no.such}]", "x", "unknown custom constraint no.such"),
        ("type: string", None, "The Parameter (p) was not provided."),
    ],
)
def test_a_bad_parameter_is_refused_by_name(heat: Heat, declared: str, given: Any, said: str) -> None:
    with pytest.raises(CloudFault) as raised:
        heat.begin(f"parameters: {{p: {{{declared}}}}}", parameters={"p": given})

    assert raised.value.status == 400
    assert said in raised.value.message


def test_an_undeclared_parameter_is_refused(heat: Heat) -> None:
    with pytest.raises(CloudFault, match=r"The Parameter \(q\) was not defined in template."):
        heat.begin("parameters: {}", parameters={"q": 1})


def test_later_environment_files_win_and_parameters_win_over_them() -> None:
    files = {"a": "parameters: {x: 1, y: 1}", "b": "parameters: {y: 2}\nparameter_defaults: {z: 3}"}

    merged = environment.of_files(["a", "b"], files)

    assert merged.parameters == {"x": 1, "y": 2}
    assert merged.parameter_defaults == {"z": 3}


@pytest.mark.parametrize("body", ["[]", {"parameterz": {}}, {"parameters": []}])
def test_a_malformed_environment_is_refused(body: Any) -> None:
    with pytest.raises(CloudFault) as raised:
        environment.parse(body)

    assert raised.value.status == 400
