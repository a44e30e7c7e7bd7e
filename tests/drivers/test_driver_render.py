# SPDX-License-Identifier: Apache-2.0
"""What Heat is sent: its size, its parts, its parameters, and nothing a user writes can change what it says."""

import base64
import json
from typing import Any

import pytest
import yaml

from magnum_lite.drivers.k8s_fcos.rendering import STACK
from magnum_lite.heat import ignition
from magnum_lite.model import Cluster
from tests import pins
from tests.drivers import clusters

NASTY = "a\"b'c\\d\n$(touch /tmp/x)`id`$HOME ${IMAGE} %n {{x}} é\t</x>"


def settings(cluster: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = clusters.rendered(cluster).parameters["settings"]  # type: ignore[assignment]
    return found


def boot_files(cluster: Cluster) -> dict[str, str]:
    """Every file of the configuration that all nodes boot with, as it lands on disk."""
    configuration: Any = ignition.unpacked(settings(cluster)["ignition"])
    return {
        one["path"]: base64.b64decode(one["contents"]["source"].removeprefix(ignition.MEDIA)).decode()
        for one in configuration["storage"]["files"]
    }


def test_three_masters_and_three_workers_fit_in_150_kilobytes() -> None:
    assert clusters.request_bytes(clusters.rendered(clusters.a_cluster())) < 150_000


def test_a_thousand_workers_fit_in_a_mebibyte() -> None:
    assert clusters.request_bytes(clusters.rendered(clusters.a_cluster(node_count=1000))) < 1024 * 1024


def test_a_worker_costs_four_resources_and_one_more_for_each_thing_asked_for() -> None:
    worker = json.loads(clusters.rendered(clusters.a_cluster()).files["worker.yaml"])["resources"]
    always = [name for name, one in worker.items() if "condition" not in one]
    optional = {name: one["condition"] for name, one in worker.items() if "condition" in one}

    assert sorted(always) == ["kube-minion", "node_config_deployment", "port"]
    assert list(optional.values()).count("has_floating_address") == 1
    assert list(optional.values()).count("boots_from_volume") == 1


@pytest.mark.parametrize("workers", [0, 1, 5])
def test_there_is_one_member_per_node_named_by_its_index(workers: int) -> None:
    files = clusters.rendered(clusters.a_cluster(node_count=workers)).files
    indices = [str(number) for number in range(workers)]

    found = json.loads(files["workers.yaml"])
    assert list(found["resources"]) == indices
    assert found["outputs"]["refs_map"]["value"] == {index: {"get_resource": index} for index in indices}
    assert list(json.loads(files["masters.yaml"])["resources"]) == ["0", "1", "2"]


def test_members_keep_their_indices_when_one_has_gone() -> None:
    cluster = clusters.a_cluster()
    group = cluster.nodegroups[1]
    group.nodes.remove(group.nodes[0])

    assert list(json.loads(clusters.rendered(cluster).files["workers.yaml"])["resources"]) == ["1", "2"]


def test_only_the_first_master_is_given_the_signal() -> None:
    members = json.loads(clusters.rendered(clusters.a_cluster()).files["masters.yaml"])["resources"]

    assert [name for name, one in members.items() if "signal_token" in one["properties"]] == ["0"]


def test_names_that_other_software_reads_are_there() -> None:
    rendering = clusters.rendered(clusters.a_cluster())
    root = json.loads(rendering.template)

    assert {"kube_masters", "kube_minions"} < set(root["resources"])
    assert {"api_address", "kube_masters", "kube_minions"} < set(root["outputs"])
    for name, server in (("master.yaml", "kube-master"), ("worker.yaml", "kube-minion")):
        member = json.loads(rendering.files[name])
        assert member["outputs"]["OS::stack_id"]["value"] == {"get_resource": server}
        assert member["resources"]["node_config_deployment"]["type"] == "OS::Heat::Value"
        assert member["resources"][server]["properties"]["user_data_update_policy"] == "IGNORE"


@pytest.mark.parametrize(
    ("template", "floating", "wanted"),
    [
        ({"floating_ip_enabled": True}, True, True),
        ({"floating_ip_enabled": False}, False, True),
        ({"floating_ip_enabled": False, "labels": {"master_lb_floating_ip_enabled": "true"}}, True, True),
        ({"master_lb_enabled": False}, True, False),
    ],
)
def test_the_load_balancers_address_floats_as_the_nodes_do_unless_said(
    template: dict[str, Any], floating: bool, wanted: bool
) -> None:
    found = settings(clusters.a_cluster(template))["load_balancer"]

    assert (found["floating"], found["wanted"]) == (floating, wanted)


def test_volumes_are_as_labels_and_template_say() -> None:
    labels = {"boot_volume_size": "20", "boot_volume_type": "encrypted", "etcd_volume_size": "5"}

    found = settings(clusters.a_cluster({"labels": labels, "docker_volume_size": 30}))

    assert found["worker"]["boot_volume"] == {"size": 20, "type": "encrypted"}
    assert found["worker"]["container_volume"] == {"size": 30, "type": ""}
    assert found["master"]["etcd_volume"] == {"size": 5, "type": ""}


@pytest.mark.parametrize(("minutes", "seconds"), [(60, 3600), (None, 3600), (0, 3600), (1440, 43200)])
def test_the_control_plane_has_the_clusters_own_time(minutes: int | None, seconds: int) -> None:
    assert settings(clusters.a_cluster(create_timeout=minutes))["timeout"] == seconds


def test_name_servers_are_a_list() -> None:
    cluster = clusters.a_cluster({"dns_nameserver": "127.0.0.53, 127.0.0.54"})

    assert settings(cluster)["network"]["dns_nameservers"] == ["127.0.0.53", "127.0.0.54"]


def test_each_node_is_told_its_own_token_and_no_other() -> None:
    cluster = clusters.a_cluster()
    workers: Any = clusters.rendered(cluster).parameters["workers"]

    told = [json.loads(_content(workers[str(node.index)]["file"])) for node in cluster.workers]

    assert [(one["node"], one["name"], one["token"]) for one in told] == [
        (node.uuid, node.name, f"PLACEHOLDER-token-of-{node.name}") for node in cluster.workers
    ]


def _content(url: str) -> str:
    return base64.b64decode(url.removeprefix(ignition.MEDIA)).decode()


def test_what_a_user_writes_comes_out_as_it_was_and_changes_nothing_else() -> None:
    plain = {
        "http_proxy": "x",
        "https_proxy": "x",
        "no_proxy": "x",
        "image_id": "x",
        "flavor_id": "x",
        "master_flavor_id": "x",
        "dns_nameserver": "x",
    }
    ordinary, nasty = clusters.a_cluster(plain), clusters.a_cluster(dict.fromkeys(plain, NASTY))
    nasty.ssh_public_key = ordinary.ssh_public_key = "ssh-ed25519 AAAA"

    rendering, usual = clusters.rendered(nasty), clusters.rendered(ordinary)

    assert (rendering.template, rendering.files) == (usual.template, usual.files)
    parameters = json.loads(json.dumps(rendering.parameters))
    assert parameters["workers"]["0"]["image"] == NASTY
    assert parameters["settings"]["worker"]["flavor"] == NASTY
    assert set(boot_files(nasty)) == set(boot_files(ordinary))
    escaped = "".join(f"\\{one}" if one in '"\\`$' else one for one in NASTY)
    assert f'HTTP_PROXY="{escaped}"\n' in boot_files(nasty)["/etc/magnum-lite/proxy.env"]


def test_a_clusters_name_reaches_nodes_only_as_letters_digits_and_dashes() -> None:
    cluster = clusters.a_built_cluster()
    for node in cluster.nodes:
        document = clusters.driver().node_document(cluster, node, clusters.secrets())

        assert all(part.isalnum() for part in document.name.split("-"))


def test_ssh_keys_are_laid_for_the_login_user_since_a_keypair_belongs_to_somebody_else() -> None:
    cluster = clusters.a_cluster()
    cluster.ssh_public_key = 'ssh-rsa AAAA a "comment" $(x)\n'
    configuration: Any = ignition.unpacked(settings(cluster)["ignition"])

    users = [{"name": "core", "sshAuthorizedKeys": ['ssh-rsa AAAA a "comment" $(x)']}]
    assert configuration["passwd"] == {"users": users}
    assert "key_name" not in json.dumps(dict(clusters.rendered(cluster).files))


def test_the_agent_is_started_from_the_image_of_a_label_or_of_the_release() -> None:
    image = "registry.example/agent@sha256:" + "0" * 64
    mirror = {"container_infra_prefix": "mirror.example/"}

    with_label = boot_files(clusters.a_cluster(labels={"agent_image": image}))
    of_release = boot_files(clusters.a_cluster(labels=mirror))

    assert with_label["/etc/magnum-lite/agent.env"] == f'AGENT_IMAGE="{image}"\n'
    assert of_release["/etc/magnum-lite/agent.env"] == (
        f'AGENT_IMAGE="mirror.example/magnum-lite-agent:latest@{pins.DIGEST}"\n'
    )


def test_a_release_without_a_pinned_agent_leaves_it_to_the_servers_own_image() -> None:
    cluster = clusters.a_cluster()
    rendering = clusters.driver_as_shipped().render(cluster, clusters.material(cluster))
    configuration: Any = ignition.unpacked(rendering.parameters["settings"]["ignition"])  # type: ignore[index]

    assert "/etc/magnum-lite/agent.env" not in {one["path"] for one in configuration["storage"]["files"]}


def test_templates_are_plain_hot_on_disk() -> None:
    versions = {path.stem: yaml.safe_load(path.read_text())["heat_template_version"] for path in STACK.glob("*.yaml")}

    assert set(versions.values()) == {"2018-08-31"}
