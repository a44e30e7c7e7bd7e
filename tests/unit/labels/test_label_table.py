# SPDX-License-Identifier: Apache-2.0
"""The table of labels tells what a user may write, and what Magnum knew that has no effect here."""

import pytest

from magnum_lite import conf as configuration
from magnum_lite.drivers.base import Driver
from magnum_lite.drivers.registry import Registry
from magnum_lite.model import label_table, labels
from magnum_lite.model.labels import Label, Labels, declare
from magnum_lite.model.upstream_labels import UPSTREAM_LABELS

DRIVERS = Registry.from_conf(configuration.new([], [])).list_()
MAYBE = Label("maybe", labels.optional_boolean(), None, "Whether, or as something else says.")
WANTED = Label("kube_dashboard_enabled", labels.boolean(), True, "Whether.")
NAMES = Label("names", labels.words(), ("one", "two"), "Which.")


def test_each_driver_has_its_labels_in_the_order_of_declaration() -> None:
    table = label_table.of({"first": declare(WANTED, MAYBE), "second": declare(NAMES)})

    assert [(row.driver, row.name, row.type, row.default) for row in table.rows] == [
        ("first", "kube_dashboard_enabled", "boolean", "true"),
        ("first", "maybe", "boolean", None),
        ("second", "names", "list", "one,two"),
    ]
    assert (table.rows[2].takes, table.rows[2].help) == ("words separated by commas", "Which.")


def test_what_a_driver_declares_is_not_without_effect() -> None:
    table = label_table.of({"one": declare(WANTED), "none": Labels()})
    without_effect = [one.name for one in table.known_upstream]

    assert without_effect == sorted(UPSTREAM_LABELS - {"kube_dashboard_enabled"})


def test_a_label_without_effect_comes_with_the_sentence_its_user_is_told() -> None:
    for one in label_table.of({}).known_upstream:
        (told,) = Labels().unknown({one.name: "anything"})
        assert one.sentence == told.sentence()


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_every_default_is_written_as_a_text_that_means_it(driver: Driver) -> None:
    values = driver.labels.parse({})
    rows = {row.name: row for row in label_table.of({driver.name: driver.labels}).rows}

    for label in driver.labels.declared:
        written = rows[label.name].default
        if written is not None:
            assert label.parse(written) == values[label]


@pytest.mark.parametrize("name", sorted(UPSTREAM_LABELS))
@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_a_label_of_magnum_either_has_its_effect_or_is_told_to_have_none(driver: Driver, name: str) -> None:
    declared = {label.name: label for label in driver.labels.declared}
    told = driver.labels.unknown({name: ""})

    assert [one.upstream for one in told] == ([] if name in declared else [True])
    assert {row.name for row in label_table.of({driver.name: driver.labels}).rows} == set(declared)


def test_labels_that_tools_for_magnum_send_are_known() -> None:
    sent = "kube_tag container_infra_prefix boot_volume_size octavia_provider auto_scaling_enabled min_node_count"

    assert set(sent.split()) <= UPSTREAM_LABELS
