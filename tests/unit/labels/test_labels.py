# SPDX-License-Identifier: Apache-2.0
"""Labels: every kind takes what it says, refuses the rest with a sentence, and unknown names are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnum_lite.errors import InvalidLabel
from magnum_lite.model import labels
from magnum_lite.model.labels import Label, declare

COUNT = Label("count", labels.integer(1, 9), 3, "How many.")
DISK = Label("disk", labels.size(0, 100), 0, "How big.")
WANTED = Label("wanted", labels.boolean(), True, "Whether.")
MAYBE = Label("maybe", labels.optional_boolean(), None, "Whether, or as something else says.")
NETWORK = Label("network", labels.cidr(), "10.0.0.0/24", "Where.")
ALLOWED = Label("allowed", labels.cidr_list(), (), "Who.")
MODE = Label("mode", labels.choice("Always", "Never"), "Never", "When.")
NAMES = Label("names", labels.words(), (), "Which.")
MIRROR = Label("mirror", labels.url(), "", "From where.")
VOLUMES = Label("volumes", labels.volume_type(), "", "Of which kind.")
NOTE = Label("note", labels.string(), "", "What.")
ALL = declare(COUNT, DISK, WANTED, MAYBE, NETWORK, ALLOWED, MODE, NAMES, MIRROR, VOLUMES, NOTE)


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        (COUNT, " 7 ", 7),
        (DISK, "0", 0),
        (WANTED, "False", False),
        (WANTED, "YES", True),
        (MAYBE, "true", True),
        (NETWORK, "127.32.0.0/16", "127.32.0.0/16"),
        (ALLOWED, "192.0.2.0/24, 198.51.100.7", ("192.0.2.0/24", "198.51.100.7/32")),
        (ALLOWED, "['192.0.2.0/24']", ("192.0.2.0/24",)),
        (ALLOWED, "2001:db8::/32", ("2001:db8::/32",)),
        (ALLOWED, "", ()),
        (MODE, "always", "Always"),
        (NAMES, "one, two", ("one", "two")),
        (MIRROR, "https://mirror.example/x", "https://mirror.example/x"),
        (MIRROR, "", ""),
        (NOTE, "a $(b) `c`", "a $(b) `c`"),
    ],
)
def test_a_kind_reads_what_it_takes(label: Label[object], text: str, value: object) -> None:
    assert ALL.parse({label.name: text})[label] == value


@pytest.mark.parametrize(
    ("label", "text", "takes"),
    [
        (COUNT, "0", "a whole number from 1 to 9"),
        (COUNT, "ten", "a whole number from 1 to 9"),
        (COUNT, "9" * 400, "a whole number from 1 to 9"),
        (DISK, "5G", "a whole number of GiB from 0 to 100"),
        (WANTED, "maybe", "true or false"),
        (NETWORK, "10.0.0.1/24", "an IPv4 network such as 10.0.0.0/16"),
        (NETWORK, "10.0.0.0", "an IPv4 network such as 10.0.0.0/16"),
        (NETWORK, "0.0.0.0/0", "an IPv4 network such as 10.0.0.0/16"),
        (ALLOWED, "everybody", "networks separated by commas"),
        (MODE, "sometimes", "one of Always, Never"),
        (NAMES, "one;two", "words separated by commas"),
        (MIRROR, "ftp://mirror.example", "a URL that begins with"),
        (NOTE, "two\nlines", "a text"),
    ],
)
def test_a_bad_value_is_refused_with_label_value_and_what_it_takes(label: Label[object], text: str, takes: str) -> None:
    with pytest.raises(InvalidLabel) as caught:
        ALL.parse({label.name: text})

    assert f"label {label.name}" in caught.value.message
    assert repr(text)[:40] in caught.value.message
    assert takes in caught.value.message


@given(st.dictionaries(st.sampled_from([one.name for one in ALL.declared]), st.text(max_size=30)))
def test_any_text_is_either_read_or_refused(given_labels: dict[str, str]) -> None:
    try:
        values = ALL.parse(given_labels)
    except InvalidLabel as error:
        assert error.code == 400
    else:
        assert set(values.by_name) == {one.name for one in ALL.declared}


def test_a_label_that_is_not_given_has_its_default() -> None:
    values = ALL.parse({})

    assert (values[COUNT], values[MAYBE], values[ALLOWED]) == (3, None, ())


def test_a_misspelt_label_is_told_with_the_nearest_known_one() -> None:
    (unknown,) = ALL.unknown({"Netwrk": "x", "count": "1"})

    assert unknown.sentence() == "label Netwrk is unknown and has no effect; did you mean network?"


def test_a_label_of_magnum_without_effect_is_told_as_such() -> None:
    (unknown,) = ALL.unknown({"heapster_enabled": "true"})

    assert unknown.sentence() == "label heapster_enabled is known to Magnum and has no effect here"


def test_an_unknown_label_resembling_nothing_is_told_without_a_guess() -> None:
    (unknown,) = ALL.unknown({"zzz": ""})

    assert unknown.sentence() == "label zzz is unknown and has no effect"


def test_labels_describe_themselves_in_the_order_of_declaration() -> None:
    first = ALL.describe()[0]

    assert [one.name for one in ALL.describe()] == [one.name for one in ALL.declared]
    assert (first.kind, first.takes, first.default, first.help) == (
        "integer",
        "a whole number from 1 to 9",
        3,
        "How many.",
    )


def test_the_volume_types_that_labels_name_are_told_by_label() -> None:
    named = ALL.volume_types({"volumes": " fast ", "note": "slow"})

    assert (named, ALL.volume_types({"volumes": ""}), ALL.volume_types({})) == ({"volumes": "fast"}, {}, {})
