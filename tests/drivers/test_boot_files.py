# SPDX-License-Identifier: Apache-2.0
"""What a cluster's template, labels and operator change in the files that its nodes boot with."""

import base64
import dataclasses
import tomllib
from typing import Any

import pytest

from magnum_lite.drivers.base import Material, Wish
from magnum_lite.drivers.k8s_fcos import all_labels, boot
from magnum_lite.errors import BadRequest
from magnum_lite.heat import ignition
from magnum_lite.model import Cluster
from tests.drivers import clusters, texts

MIRRORS = "/etc/containers/registries.conf.d/50-mirrors.conf"
PROXIES = {"http_proxy": "http://proxy.example:3128", "no_proxy": "intern.example, 192.0.2.0/24"}
CA = "-----BEGIN CERTIFICATE-----\n"


def laid(cluster: Cluster, material: Material | None = None) -> dict[str, str]:
    """Give every file by its path."""
    values = all_labels.LABELS.parse(cluster.labels)
    configuration: Any = boot.config(cluster, values, material or clusters.material(cluster))
    return {
        one["path"]: base64.b64decode(one["contents"]["source"].removeprefix(ignition.MEDIA)).decode()
        for one in configuration["storage"]["files"]
    }


def with_labels(**labels: str) -> dict[str, str]:
    return laid(clusters.a_cluster(labels=labels))


@pytest.mark.parametrize(("labels", "mode"), [({}, "enforcing"), ({"selinux_mode": "Permissive"}, "permissive")])
def test_selinux_enforces_unless_a_label_says_otherwise(labels: dict[str, str], mode: str) -> None:
    assert f"\nSELINUX={mode}\nSELINUXTYPE=targeted\n" in with_labels(**labels)["/etc/selinux/config"]


def test_selinux_cannot_be_switched_off() -> None:
    with pytest.raises(BadRequest, match="selinux_mode: it takes one of enforcing, permissive"):
        with_labels(selinux_mode="disabled")


def test_the_time_comes_from_where_a_label_says() -> None:
    found = with_labels(ntp_servers="time.example, 192.0.2.123 2001:db8::1")

    assert found["/etc/chrony/sources.d/cluster.sources"].splitlines() == [
        "pool time.example iburst",
        "pool 192.0.2.123 iburst",
        "pool 2001:db8::1 iburst",
    ]


def test_nothing_is_said_of_proxies_to_a_cluster_without_one() -> None:
    assert laid(clusters.a_cluster({"no_proxy": "a.example"}))["/etc/magnum-lite/proxy.env"] == ""


def test_what_is_inside_of_a_cluster_is_never_asked_of_a_proxy() -> None:
    cluster = clusters.a_cluster(PROXIES, labels={"calico_ipv4pool": "10.101.0.0/16"})

    found = texts.variables(laid(cluster)["/etc/magnum-lite/proxy.env"])

    assert found["NO_PROXY"] == found["no_proxy"]
    assert found["NO_PROXY"].split(",") == [
        "intern.example",
        "192.0.2.0/24",
        "10.0.0.0/24",
        "10.101.0.0/16",
        "10.254.0.0/16",
        "127.0.0.1",
        "localhost",
        "169.254.169.254",
        ".svc",
        ".cluster.local",
    ]


def test_no_proxy_knows_the_subnet_that_was_there_before_the_cluster() -> None:
    cluster = clusters.a_cluster(PROXIES)
    material = dataclasses.replace(clusters.material(cluster), fixed_subnet_cidr="192.168.7.0/24")

    found = texts.variables(laid(cluster, material)["/etc/magnum-lite/proxy.env"])

    assert "192.168.7.0/24" in found["NO_PROXY"].split(",")
    assert "10.0.0.0/24" not in found["NO_PROXY"].split(",")


def test_without_a_mirror_no_registry_is_special() -> None:
    found = with_labels()

    assert [path for path in found if "certs.d" in path or path == MIRRORS] == []


def test_both_engines_of_a_node_ask_mirrors_first() -> None:
    found = with_labels(registry_mirrors="docker.io=https://mirror.example:5000/hub quay.io=http://192.0.2.7")

    assert tomllib.loads(found[MIRRORS])["registry"] == [
        {
            "location": "docker.io",
            "insecure": False,
            "mirror": [{"location": "mirror.example:5000/hub", "insecure": False}],
        },
        {"location": "quay.io", "insecure": False, "mirror": [{"location": "192.0.2.7", "insecure": True}]},
    ]
    assert tomllib.loads(found["/etc/containerd/certs.d/docker.io/hosts.toml"])["host"] == {
        "https://mirror.example:5000/v2/hub": {"capabilities": ["pull", "resolve"], "override_path": True}
    }
    assert list(tomllib.loads(found["/etc/containerd/certs.d/quay.io/hosts.toml"])["host"]) == ["http://192.0.2.7/v2"]


@pytest.mark.parametrize("given", ["registry.example:5000", "http://registry.example:5000/"])
def test_a_templates_insecure_registry_is_reached_without_a_certificate(given: str) -> None:
    found = laid(clusters.a_cluster({"insecure_registry": given}))

    assert tomllib.loads(found[MIRRORS])["registry"] == [{"location": "registry.example:5000", "insecure": True}]
    hosts = tomllib.loads(found["/etc/containerd/certs.d/registry.example:5000/hosts.toml"])["host"]
    assert list(hosts) == ["https://registry.example:5000", "http://registry.example:5000"]
    assert hosts["https://registry.example:5000"]["skip_verify"] is True


@pytest.mark.parametrize(
    "given", ["docker.io", "docker.io=mirror.example", "a/b=https://c", "a=https://b a=https://c", "a=https://b?c"]
)
def test_what_is_no_mirror_is_refused(given: str) -> None:
    with pytest.raises(BadRequest, match="registry_mirrors: it takes registries with the URL of a mirror each"):
        with_labels(registry_mirrors=given)


def test_an_insecure_registry_is_judged_with_the_request() -> None:
    with pytest.raises(BadRequest, match="for insecure_registry: it takes the host of a registry"):
        clusters.driver().check(
            Wish(
                insecure_registry="registry.example/path",
                flavor_id="f",
                master_flavor_id="f",
                floating_ip_enabled=False,
            )
        )


def test_nodes_trust_our_authority_and_the_operators() -> None:
    cluster = clusters.a_cluster()
    material = dataclasses.replace(clusters.material(cluster), api_ca=f"{CA}api", trusted_ca=f"{CA}operator")
    folder = "/etc/pki/ca-trust/source/anchors"

    found = laid(cluster, material)

    assert found[f"{folder}/magnum-lite-api.pem"] == f"{CA}api"
    assert found[f"{folder}/magnum-lite-operator.pem"] == f"{CA}operator"
    assert not any(path.startswith(folder) for path in laid(cluster))


@pytest.mark.parametrize(
    ("labels", "of_release", "image"),
    [
        ({}, "", None),
        ({}, "released@sha256:1", "released@sha256:1"),
        ({"agent_image": "own@sha256:" + "0" * 64}, "released@sha256:1", "own@sha256:" + "0" * 64),
    ],
)
def test_the_agent_is_the_releases_unless_a_label_names_one(
    labels: dict[str, str], of_release: str, image: str | None
) -> None:
    cluster = clusters.a_cluster(labels=labels)
    material = dataclasses.replace(clusters.material(cluster), agent_image=of_release)

    text = laid(cluster, material).get("/etc/magnum-lite/agent.env", "")

    assert texts.variables(text).get("AGENT_IMAGE") == image


def test_a_key_that_is_given_twice_is_laid_once() -> None:
    cluster = clusters.a_cluster()
    cluster.ssh_public_key = "ssh-ed25519 AAAA a\nssh-ed25519 AAAA a\n"

    configuration: Any = boot.config(cluster, all_labels.LABELS.parse({}), clusters.material(cluster))

    assert configuration["passwd"]["users"] == [{"name": "core", "sshAuthorizedKeys": ["ssh-ed25519 AAAA a"]}]
