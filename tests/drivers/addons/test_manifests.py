# SPDX-License-Identifier: Apache-2.0
"""Objects from YAML files with blanks: filled in as values, never as text."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from magnum_lite.drivers.k8s_fcos import all_labels
from magnum_lite.drivers.k8s_fcos.addons import manifests
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import ConfigurationError
from tests import pins
from tests.drivers import clusters

FAKE = "registry.example/coredns:v1@sha256:" + "ab" * 32
NASTY = 'a: b\n- "c" {d} $(e) `f` \''


def a_place(labels: Mapping[str, str] | None = None) -> Place:
    cluster = clusters.a_built_cluster(labels=dict(labels or {}))
    release = dataclasses.replace(next(iter(pins.releases())), images={"coredns": FAKE})
    return Place(cluster, cluster.masters[0], all_labels.LABELS.parse(cluster.labels), release)


def loaded(folder: Path, text: str, labels: Mapping[str, str] | None = None, **values: object) -> dict[str, object]:
    (folder / "thing.yaml").write_text(text)
    (only,) = manifests.load(folder, values, a_place(labels))
    return only


@pytest.mark.parametrize("value", [NASTY, 7, True, None, ["a", {"b": 1}], {"a": NASTY}])
def test_a_value_stays_what_it_is(tmp_path: Path, value: object) -> None:
    assert loaded(tmp_path, "it: !value one", one=value) == {"it": value}


def test_a_value_within_a_text_is_part_of_that_text_alone(tmp_path: Path) -> None:
    text = 'args: [!text "--cidr={pods}", !text "--size={size}", !text "--on={on}"]'

    found = loaded(tmp_path, text, pods=NASTY, size=24, on=True)

    assert found == {"args": [f"--cidr={NASTY}", "--size=24", "--on=true"]}


def test_braces_that_name_nothing_stay(tmp_path: Path) -> None:
    assert loaded(tmp_path, "it: !text '{{ $labels }} {} {A}'") == {"it": "{{ $labels }} {} {A}"}


def test_an_image_is_the_release_s(tmp_path: Path) -> None:
    assert loaded(tmp_path, "image: !image coredns") == {"image": FAKE}


def test_an_image_comes_from_the_cluster_s_mirror(tmp_path: Path) -> None:
    found = loaded(tmp_path, "image: !image coredns", {"container_infra_prefix": "mirror.example/k8s/"})

    assert found == {"image": "mirror.example/k8s/" + FAKE.partition("/")[2]}


@pytest.mark.parametrize("blank", ["!value pods", "!image etcd", '!text "--cidr={pods}"'])
def test_a_name_without_a_value_is_told_with_its_file(tmp_path: Path, blank: str) -> None:
    folder = tmp_path / "coredns" / "manifests"
    folder.mkdir(parents=True)

    with pytest.raises(ConfigurationError, match=r"manifest coredns/thing\.yaml has a place for .*(pods|etcd)"):
        loaded(folder, f"it: {blank}")


def test_a_list_is_no_part_of_a_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="hosts within a text"):
        loaded(tmp_path, 'it: !text "--hosts={hosts}"', hosts=["a"])


def test_a_date_is_a_text(tmp_path: Path) -> None:
    assert loaded(tmp_path, "version: 2012-10-17") == {"version": "2012-10-17"}


def test_tags_of_python_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="could not determine a constructor"):
        loaded(tmp_path, "it: !!python/object/apply:os.getcwd []")


def test_objects_come_in_the_order_of_files_without_those_left_out(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.yaml").write_text(f"---\nname: {name}1\n---\nname: {name}2\n")

    found = manifests.load(tmp_path, {}, a_place(), without=("c.yaml",))

    assert [one["name"] for one in found] == ["a1", "a2", "b1", "b2"]


def test_what_is_changed_in_one_cluster_s_objects_reaches_no_other(tmp_path: Path) -> None:
    loaded(tmp_path, "it: {list: []}")["it"] = "changed"

    (again,) = manifests.load(tmp_path, {}, a_place())

    assert again == {"it": {"list": []}}
