# SPDX-License-Identifier: Apache-2.0
"""What a release does not pin is not built: refused to who asks for it, left out for who does not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from magnum_lite import nodeconf
from magnum_lite.drivers.base import Wish
from magnum_lite.drivers.k8s_fcos import checks, labels
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.left_out import left_out
from magnum_lite.drivers.k8s_fcos.place import Place, Setup
from magnum_lite.errors import DocumentNotReady, InvalidField, InvalidLabel
from magnum_lite.model.labels import Label, boolean, declare, string
from magnum_lite.releases.catalogue import Release
from tests import pins
from tests.drivers import clusters

SCALING = Label("auto_scaling_enabled", boolean(), False, "Off unless asked for.")
WATCHING = Label("npd_enabled", boolean(), True, "On unless said otherwise.")
TARGET = Label("log_target", string(), "", "Where to; nowhere unless said.")

KINDS = tuple(
    AddonKind(name, own, images, is_wanted, lambda *_: nodeconf.Addon(""), manifests)
    for name, own, images, is_wanted, manifests in (
        ("calico", (), ("calico-node",), lambda setup: setup.network_driver == "calico", ("calico",)),
        ("flannel", (), ("flannel",), lambda setup: setup.network_driver == "flannel", ()),
        ("scaling", (SCALING,), ("cluster-autoscaler",), lambda setup: setup.values[SCALING], ()),
        ("watching", (WATCHING,), ("node-problem-detector",), lambda setup: setup.values[WATCHING], ()),
        ("volumes", (), ("cinder-csi-plugin",), lambda setup: setup.volume_driver == "cinder", ()),
        ("logging", (TARGET,), ("fluent-bit",), lambda setup: bool(setup.values[TARGET]), ()),
    )
)
ALL = declare(*labels.OWN, SCALING, WATCHING, TARGET)


def complete(*, without: str = "") -> Release:
    release = pins.releases().find("v1.36.0")
    assert release is not None
    images = {name: image for name, image in release.images.items() if name != without}
    return dataclasses.replace(release, images=images)


def check(given: Mapping[str, str], *, without: str, network: str | None = None) -> None:
    wish = Wish(labels=given, network_driver=network)
    checks.check_pins(wish, ALL.parse(given), complete(without=without), KINDS)


@pytest.mark.parametrize(
    ("network", "without"), [(None, "calico-node"), ("calico", "calico-node"), ("flannel", "flannel")]
)
def test_a_network_that_is_not_pinned_is_refused_with_what_the_operator_does(network: str | None, without: str) -> None:
    with pytest.raises(InvalidField) as caught:
        check({}, without=without, network=network)

    assert caught.value.message == (
        f"Invalid value {network or 'calico'!r} for network_driver: release v1.36.0 does not pin {without}; "
        f"the cloud's operator does with magnum-lite-manage release pin v1.36.0 {without}"
    )


def test_a_network_whose_manifest_is_not_pinned_is_refused() -> None:
    release = dataclasses.replace(complete(), manifests={})

    with pytest.raises(InvalidField, match="does not pin calico;"):
        checks.check_pins(Wish(), ALL.parse({}), release, KINDS)


def test_volumes_that_are_not_pinned_are_refused_to_who_asks_for_their_driver() -> None:
    release = complete(without="cinder-csi-plugin")

    checks.check_pins(Wish(), ALL.parse({}), release, KINDS)
    with pytest.raises(InvalidField, match=r"'cinder' for volume_driver: .* does not pin cinder-csi-plugin;"):
        checks.check_pins(Wish(volume_driver="cinder"), ALL.parse({}), release, KINDS)


def test_as_shipped_no_cluster_is_made_before_the_operator_has_pinned_its_network() -> None:
    with pytest.raises(InvalidField, match=r"pin v1\.34\.7 calico-node calico-cni calico-kube-controllers$"):
        clusters.driver_as_shipped().check(
            Wish(flavor_id="m1.small", master_flavor_id="m1.small", external_network_id="public")
        )


def test_a_network_that_nobody_wants_need_not_be_pinned() -> None:
    check({}, without="flannel", network="calico")
    check({}, without="calico-node", network="flannel")


@pytest.mark.parametrize(
    ("given", "without"),
    [
        ({"auto_scaling_enabled": "true"}, "cluster-autoscaler"),
        ({"npd_enabled": "yes"}, "node-problem-detector"),
        ({"log_target": "https://logs.example"}, "fluent-bit"),
    ],
)
def test_an_addon_that_a_label_asks_for_is_refused_where_it_is_not_pinned(given: dict[str, str], without: str) -> None:
    (name,) = given

    with pytest.raises(InvalidLabel, match=rf"for label {name}: release v1.36.0 does not pin {without};"):
        check(given, without=without)


@pytest.mark.parametrize(
    ("given", "without"),
    [
        ({}, "node-problem-detector"),
        ({"npd_enabled": "false"}, "node-problem-detector"),
        ({"auto_scaling_enabled": "false", "log_target": ""}, "cluster-autoscaler"),
        ({"log_target": ""}, "fluent-bit"),
    ],
)
def test_an_addon_that_nobody_asks_for_is_left_out_in_silence(given: dict[str, str], without: str) -> None:
    check(given, without=without)


def test_what_is_left_out_is_told_with_what_it_lacks() -> None:
    setup = Setup(ALL.parse({"auto_scaling_enabled": "true"}), "calico")

    assert left_out(setup, complete(without="node-problem-detector"), KINDS) == {"watching": ("node-problem-detector",)}
    assert left_out(setup, complete(), KINDS) == {}


def test_a_node_of_a_release_that_is_not_here_waits() -> None:
    cluster = clusters.a_built_cluster()
    cluster.workers[0].release = "v1.33.1"

    with pytest.raises(DocumentNotReady, match=r"release v1\.33\.1 of node .* is not installed here"):
        clusters.driver().node_document(cluster, cluster.workers[0], clusters.secrets())


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "https://dl.k8s.io/release/v1.36.0/bin/linux/amd64/kubelet"),
        (
            {"download_prefix": "http://mirror.example:8080/all/"},
            "http://mirror.example:8080/all/dl.k8s.io/release/v1.36.0/bin/linux/amd64/kubelet",
        ),
    ],
)
def test_downloads_come_from_where_they_are_or_from_a_mirror(given: dict[str, str], url: str) -> None:
    cluster = clusters.a_built_cluster()
    release = complete()
    kubelet = release.binaries["kubelet"]["amd64"]

    found = Place(cluster, cluster.workers[0], ALL.parse(given), release).source(kubelet)

    assert found == nodeconf.Source(url, kubelet.sha256)


@pytest.mark.parametrize("bad", ["mirror.example/", "https://mirror.example", "https://m.example/?a=/", "file:///x/"])
def test_a_mirror_is_a_url_that_ends_in_a_slash(bad: str) -> None:
    with pytest.raises(InvalidLabel, match="for label download_prefix: it takes a URL that ends in /"):
        clusters.driver().check(Wish(labels={"download_prefix": bad}))
