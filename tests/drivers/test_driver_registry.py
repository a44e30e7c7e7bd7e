# SPDX-License-Identifier: Apache-2.0
"""Drivers are found by name or by what they build."""

import pytest

from magnum_lite import conf as configuration
from magnum_lite.drivers.base import ClusterType
from magnum_lite.drivers.registry import Registry
from magnum_lite.errors import ConfigurationError, InvalidField, NotFound

FCOS = ClusterType("vm", "fedora-coreos", "kubernetes")
NOOP = ClusterType("vm", "noop", "kubernetes")


def registry(**options: object) -> Registry:
    conf = configuration.new([], [])
    for name, value in options.items():
        conf.set_override(name, value, group="drivers")
    return Registry.from_conf(conf)


def test_a_driver_is_found_by_what_it_builds() -> None:
    assert registry().find(None, FCOS).name == "k8s_fcos"
    assert registry().find(None, NOOP).name == "noop"


def test_a_driver_that_a_template_names_must_build_its_type() -> None:
    assert registry().find("k8s_fcos", FCOS).name == "k8s_fcos"
    with pytest.raises(InvalidField, match="it takes one of server_type vm, os_distro noop, coe kubernetes"):
        registry().find("noop", FCOS)


def test_an_unknown_type_is_refused_with_what_there_is() -> None:
    with pytest.raises(InvalidField, match=r"os_distro ubuntu.*it takes one of .*os_distro fedora-coreos"):
        registry().find(None, ClusterType("vm", "ubuntu", "kubernetes"))


def test_an_unknown_name_is_refused_with_what_there_is() -> None:
    with pytest.raises(InvalidField, match="Invalid value 'k8s_x' for driver: it takes one of k8s_fcos, noop"):
        registry().find("k8s_x", FCOS)
    with pytest.raises(NotFound, match="Driver k8s_x"):
        registry().get("k8s_x")


def test_a_disabled_driver_is_not_there() -> None:
    with pytest.raises(NotFound):
        registry(disabled=["noop"]).get("noop")


def test_a_configuration_without_drivers_or_with_an_unknown_default_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        registry(disabled=["noop", "k8s_fcos"])
    with pytest.raises(ConfigurationError, match="default k8s_x"):
        registry(default="k8s_x")


def test_all_drivers_are_listed_by_name_but_those_an_operator_disabled() -> None:
    assert [driver.name for driver in registry().list_()] == ["k8s_fcos", "noop"]
    assert [driver.name for driver in registry(disabled=["noop"]).list_()] == ["k8s_fcos"]
