# SPDX-License-Identifier: Apache-2.0
"""magnum-lite-manage release: what is there, what is pinned, whether it is so, and how it becomes so."""

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from magnum_lite.cmd import manage
from magnum_lite.errors import BadRequest, ConfigurationError, NotFound
from magnum_lite.releases.catalogue import COMPONENTS
from magnum_lite.releases.installed import Releases
from magnum_lite.releases.registry import Unavailable
from tests import pins
from tests.releases.registries import Script, push

CALICO = {"calico-node": "node", "calico-cni": "cni", "calico-kube-controllers": "kube-controllers"}
OTHER = "sha256:" + "ab" * 32


def printed(options: list[str], capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    manage.run([*options, "release", *words])
    return capsys.readouterr().out.splitlines()


def test_the_list_says_which_is_the_default_and_what_is_not_pinned(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(options, capsys, "list")

    assert [line.split()[0] for line in lines[:5]] == ["v1.34.6", "*", "v1.35.3", "v1.35.4", "v1.36.0"]
    assert lines[1].startswith("* v1.34.7  not pinned: calico-node, calico-cni, ")


def test_a_release_is_shown_with_every_entry_and_what_it_can_become(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(options, capsys, "show", "v1.34.6")

    assert lines[:2] == ["release v1.34.6", "can become: v1.34.7, v1.35.3, v1.35.4"]
    assert any(line.startswith("  kubelet/arm64: https://dl.k8s.io/") and " sha256 " in line for line in lines)
    assert "  calico-node: NOT PINNED, would be quay.io/calico/node:v3.32.1" in lines
    assert {line.strip().partition(":")[0].partition("/")[0] for line in lines[2:]} > set(COMPONENTS)


def test_a_release_is_shown_as_json(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads("\n".join(printed(options, capsys, "show", "v1.35.4", "--format", "json")))

    assert found["upgrades_to"] == ["v1.36.0"]
    assert found["binaries"]["runc"]["amd64"].keys() == {"url", "sha256"}


def test_a_mirror_is_told_all_it_has_to_have_and_nothing_else(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(
        options,
        capsys,
        *("show", "v1.34.7", "--urls", "--image-prefix", "m.example/", "--download-prefix", "https://m.example/d/"),
    )

    assert len(lines) == 21 + 8 + 1
    assert all(line.startswith(("m.example/", "https://m.example/d/")) for line in lines)
    assert "https://m.example/d/raw.githubusercontent.com/projectcalico/calico/v3.32.1/manifests/calico.yaml" in lines


def test_a_release_that_is_not_there_is_told_with_those_that_are(options: list[str]) -> None:
    with pytest.raises(NotFound, match=r"Release v1\.2\.3 \(there are v1\.34\.6, v1\.34\.7"):
        manage.run([*options, "release", "show", "v1.2.3"])


def test_components_are_pinned_by_what_a_registry_says_and_kept(
    options: list[str], tmp_path: Path, docker_registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    digests = {component: push(docker_registry, f"calico/{name}", "v3.32.1") for component, name in CALICO.items()}

    lines = printed(options, capsys, "pin", "v1.34.7", *CALICO, "--registry", docker_registry)
    found = Releases.load([tmp_path / "pins"]).find("v1.34.7")

    assert found is not None
    assert {component: found.images[component] for component in CALICO} == {
        component: f"quay.io/calico/{name}:v3.32.1@{digests[component]}" for component, name in CALICO.items()
    }
    assert f"calico-node: {found.images['calico-node']} for amd64, arm64" in lines
    assert f"kept in {tmp_path}/pins/v1.34.7.pins.yaml; services read it when they start" in lines


def test_what_was_pinned_before_stays_and_other_images_can_be_named(
    options: list[str], tmp_path: Path, docker_registry: str
) -> None:
    push(docker_registry, "a/b", "1")
    push(docker_registry, "a/b", "2")
    host = docker_registry.removeprefix("http://")

    manage.run([*options, "release", "pin", "v1.36.0", f"magnum-lite-agent={host}/a/b:1"])
    manage.run([*options, "release", "pin", "v1.36.0", f"prometheus={host}/a/b:2"])
    found = Releases.load([tmp_path / "pins"]).find("v1.36.0")

    assert found is not None
    assert found.images["magnum-lite-agent"].startswith(f"{host}/a/b:1@sha256:")
    assert found.images["prometheus"].startswith(f"{host}/a/b:2@sha256:")


def test_a_digest_that_is_given_must_be_the_registrys(options: list[str], docker_registry: str) -> None:
    digest = push(docker_registry, "prometheus/prometheus", "v3")
    arguments = [*options, "release", "pin", "v1.36.0"]
    image = "prometheus=quay.io/prometheus/prometheus:v3"

    assert manage.run([*arguments, f"{image}@{digest}", "--registry", docker_registry]) == 0
    with pytest.raises(Unavailable, match="answers 404"):
        manage.run([*arguments, f"{image}@{OTHER}", "--registry", docker_registry])


def test_all_that_is_not_pinned_is_pinned_but_what_nobody_publishes(
    options: list[str], tmp_path: Path, docker_registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Releases.load().find("v1.34.7")
    assert before is not None
    for image in before.unpinned.values():
        _, _, name = image.rpartition(":")[0].partition("/")
        if name:
            push(docker_registry, name, image.rpartition(":")[2])

    lines = printed(options, capsys, "pin", "v1.34.7", "--all", "--registry", docker_registry)
    again = printed(options, capsys, "pin", "v1.34.7", "--all", "--registry", docker_registry)
    found = Releases.load([tmp_path / "pins"]).find("v1.34.7")

    assert found is not None
    assert again == ["v1.34.7 pins everything already"]
    assert set(found.unpinned) == {"magnum-lite-agent"}
    assert any(line.startswith("magnum-lite-agent: not pinned, since nobody publishes it") for line in lines)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["calico"], "component calico is not known: it takes one of etcd"),
        (["calico-node=node"], "node is no image: it takes NAME:TAG"),
        (["magnum-lite-agent"], "names no registry: build it, push it to yours and give magnum-lite-agent=REGISTRY/"),
        ([], "nothing to pin: name components of v1.34.7, or --all"),
    ],
)
def test_what_cannot_be_pinned_is_told(options: list[str], words: list[str], complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        manage.run([*options, "release", "pin", "v1.34.7", *words])


def test_pins_need_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "empty.conf"
    path.write_text("")

    with pytest.raises(BadRequest, match=r"give --directory, or set \[releases\] directories"):
        manage.run(["--config-file", str(path), "release", "pin", "v1.34.7", "prometheus"])


def test_a_pin_that_breaks_a_rule_of_skew_is_not_kept(options: list[str], tmp_path: Path, docker_registry: str) -> None:
    push(docker_registry, "calico/node", "v3.31.7")
    arguments = [*options, "release", "pin", "v1.34.7"]

    with pytest.raises(ConfigurationError, match="Calico's images and its manifest are of one version"):
        manage.run([*arguments, "calico-node=quay.io/calico/node:v3.31.7", "--registry", docker_registry])
    assert list((tmp_path / "pins").iterdir()) == []


def test_what_is_as_pinned_is_verified_and_what_is_not_is_told(
    options: list[str], tmp_path: Path, docker_registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    push(docker_registry, "prometheus/prometheus", "v3.12.0")
    manage.run([*options, "release", "pin", "v1.34.7", "prometheus", "--registry", docker_registry])
    capsys.readouterr()
    arguments = [*options, "release", "verify", "v1.34.7"]

    assert manage.run([*arguments, "prometheus", "--registry", docker_registry]) == 0
    assert capsys.readouterr().out.startswith("ok    prometheus: quay.io/prometheus/prometheus:v3.12.0@sha256:")
    assert manage.run([*arguments, "prometheus", "etcd", "--registry", docker_registry]) == 1
    assert "WRONG etcd: registry.k8s.io/etcd:3.6.5-0@sha256:" in capsys.readouterr().out


def test_a_mirrors_images_are_looked_for_where_clusters_would(
    options: list[str], docker_registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    host = docker_registry.removeprefix("http://")
    push(docker_registry, "k8s/prometheus", "v3.12.0")
    manage.run([*options, "release", "pin", "v1.34.7", f"prometheus={host}/k8s/prometheus:v3.12.0"])
    capsys.readouterr()
    arguments = [*options, "release", "verify", "v1.34.7", "prometheus", "--image-prefix"]

    assert manage.run([*arguments, f"{host}/k8s/"]) == 0
    assert manage.run([*arguments, f"{host}/elsewhere/"]) == 1
    assert f"WRONG prometheus: {host}/elsewhere/prometheus:v3.12.0@sha256:" in capsys.readouterr().out


def test_a_mirrors_downloads_are_summed(
    options: list[str], stub: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = b"a kubelet"
    sums = {"amd64": hashlib.sha256(body).hexdigest(), "arm64": "ab" * 32}
    own = {name: {"url": f"https://dl.example/v1.34.7/{name}/kubelet", "sha256": one} for name, one in sums.items()}
    (tmp_path / "pins" / "v1.34.7.pins.yaml").write_text(json.dumps({"pins": "v1.34.7", "binaries": {"kubelet": own}}))
    stub.answers = {f"/d/dl.example/v1.34.7/{name}/kubelet": (200, {}, body) for name in own}
    arguments, mirror = [*options, "release", "verify", "v1.34.7"], ["--download-prefix", f"{stub.url}/d/"]

    assert manage.run([*arguments, "kubelet/amd64", *mirror]) == 0
    capsys.readouterr()
    assert manage.run([*arguments, "kubelet", *mirror]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"ok    kubelet/amd64: {stub.url}/d/dl.example/v1.34.7/amd64/kubelet",
        f"WRONG kubelet/arm64: its SHA-256 is {sums['amd64']}, not {'ab' * 32}",
    ]


def test_an_entry_that_is_not_pinned_cannot_be_verified(options: list[str]) -> None:
    with pytest.raises(BadRequest, match=r"release v1\.34\.7 pins no calico-node; it pins etcd, "):
        manage.run([*options, "release", "verify", "v1.34.7", "calico-node"])


def exported(options: list[str], capsys: pytest.CaptureFixture[str], kind: str) -> Any:
    return json.loads("\n".join(printed(options, capsys, "export", "v1.34.7", "--format", kind)))


def test_a_bill_of_cyclonedx_is_valid_and_has_all_that_is_pinned(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = exported(options, capsys, "cyclonedx")
    release = Releases.load().find("v1.34.7")
    assert release is not None

    names = {one["name"]: one for one in found["components"]}

    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(json.dumps(found)) is None
    assert set(names) == {*release.images, *release.downloads()}
    assert names["etcd"]["hashes"][0]["content"] == release.images["etcd"].rpartition(":")[2]
    assert names["etcd"]["purl"].startswith("pkg:oci/etcd@sha256%3A042ef9c0")
    assert names["etcd"]["purl"].endswith("?repository_url=registry.k8s.io/etcd&tag=3.6.5-0")


def test_a_bill_of_spdx_has_what_the_specification_asks_for(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = exported(options, capsys, "spdx")
    packages = {one["SPDXID"]: one for one in found["packages"]}

    assert (found["spdxVersion"], found["dataLicense"], found["SPDXID"]) == ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT")
    assert found["documentNamespace"].startswith("https://")
    assert "#" not in found["documentNamespace"]
    datetime.datetime.strptime(found["creationInfo"]["created"], "%Y-%m-%dT%H:%M:%SZ")
    assert found["creationInfo"]["creators"] == ["Tool: magnum-lite-manage"]
    for one in packages.values():
        assert {"name", "SPDXID", "downloadLocation", "filesAnalyzed"} <= set(one)
        assert one["SPDXID"].removeprefix("SPDXRef-").replace("-", "").replace(".", "").isalnum()
    ends = {(one["spdxElementId"], one["relatedSpdxElement"]) for one in found["relationships"]}
    assert {end for pair in ends for end in pair} == {*packages, "SPDXRef-DOCUMENT"}


def test_the_same_pins_have_the_same_serial_and_others_another(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = exported(options, capsys, "cyclonedx")["serialNumber"]
    again = exported(options, capsys, "cyclonedx")["serialNumber"]
    for path in pins.directory().iterdir():
        (tmp_path / "pins" / path.name).write_bytes(path.read_bytes())

    assert first == again
    assert first != exported(options, capsys, "cyclonedx")["serialNumber"]
