# SPDX-License-Identifier: Apache-2.0
"""What a driver remarks of a wish that it will build: one sentence for all that a release leaves out."""

from __future__ import annotations

import dataclasses

from magnum_lite.drivers.base import Wish
from magnum_lite.drivers.k8s_fcos import remarks
from magnum_lite.drivers.k8s_fcos.labels import KUBE_TAG
from magnum_lite.releases.installed import Releases
from tests.drivers.addons import rendered

TAG = str(KUBE_TAG.default)


def remarked(labels: dict[str, str] | None = None, *, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    release = rendered.RELEASES[TAG]
    images = {name: image for name, image in release.images.items() if name not in without}
    return remarks.of(Wish(labels=labels or {}), Releases([dataclasses.replace(release, images=images)]))


def test_a_release_that_pins_everything_is_nothing_to_remark_on() -> None:
    assert remarked() == ()


def test_what_is_left_out_is_told_in_one_sentence_with_what_the_operator_does() -> None:
    missing = ("openstack-cloud-controller-manager", "k8s-keystone-auth")
    (said,) = remarked(without=missing)

    assert said.startswith(f"the cluster has no cloud_controller, keystone_auth: release {TAG} does not pin ")
    assert f"magnum-lite-manage release pin {TAG} " in said
    assert [name for name in missing if name not in said] == []


def test_an_addon_that_is_switched_off_is_not_missed() -> None:
    assert remarked({"keystone_auth_enabled": "false"}, without=("k8s-keystone-auth",)) == ()


def test_an_autoscaler_without_a_bound_for_the_default_workers_is_told() -> None:
    on = {"auto_scaling_enabled": "true"}

    assert ["max_node_count" in one for one in remarked(on)] == [True]
    assert remarked({**on, "max_node_count": "5"}) == ()


def test_a_release_that_is_not_installed_is_nothing_to_remark_on() -> None:
    assert remarked({"kube_tag": "v1.2.3"}) == ()
