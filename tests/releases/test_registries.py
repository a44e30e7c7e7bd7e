# SPDX-License-Identifier: Apache-2.0
"""A registry is asked as the OCI distribution specification says, and believed only what its bytes say."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from magnum_lite.releases.image_names import ImageName
from magnum_lite.releases.registry import Registries, Unavailable
from tests.releases.registries import Script, push

INDEX = json.dumps({"manifests": [{"platform": {"architecture": name}} for name in ("arm64", "amd64", "unknown")]})
DIGEST = f"sha256:{hashlib.sha256(INDEX.encode()).hexdigest()}"
OTHER = "sha256:" + "ab" * 32


@pytest.fixture
def asking() -> Iterator[Registries]:
    with Registries() as found:
        yield found


def image(script: Script, name: str = "a:1") -> ImageName:
    found = ImageName.find(f"{script.url.removeprefix('http://')}/{name}")
    assert found is not None
    return found


def test_a_tag_gives_the_digest_of_the_index_and_its_machines(docker_registry: str, asking: Registries) -> None:
    digest = push(docker_registry, "calico/node", "v1")
    name = ImageName.find(f"{docker_registry.removeprefix('http://')}/calico/node:v1")
    assert name is not None

    found = asking.manifest(name)

    assert (found.digest, found.machines) == (digest, ("amd64", "arm64"))


def test_one_registry_can_stand_for_all(docker_registry: str) -> None:
    digest = push(docker_registry, "calico/cni", "v1")
    with Registries(docker_registry) as asking:
        found = asking.manifest(ImageName("quay.io", "calico/cni", "v1"))

    assert found.digest == digest


def test_a_tag_that_is_not_there_is_told(docker_registry: str) -> None:
    with Registries(docker_registry) as asking, pytest.raises(Unavailable, match=r"quay.io/none:v1: .* answers 404"):
        asking.manifest(ImageName("quay.io", "none", "v1"))


def test_a_token_is_fetched_where_the_registry_says_and_used_again(stub: Script, asking: Registries) -> None:
    stub.token = "let-me-in"
    stub.answers = {
        "/token": (200, {}, b'{"token": "let-me-in"}'),
        "/v2/a/manifests/1": (200, {}, INDEX.encode()),
        "/v2/a/manifests/2": (200, {}, INDEX.encode()),
    }

    asking.manifest(image(stub))
    asking.manifest(image(stub, "a:2"))

    assert [path for path, _ in stub.asked] == [
        "/v2/a/manifests/1",
        "/token?service=stub&scope=repository%3Aa%3Apull",
        "/v2/a/manifests/1",
        "/v2/a/manifests/2",
    ]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ((200, {}, b"no"), "/token gave no token"),
        ((200, {}, b"{}"), "/token gave no token"),
        ((403, {}, b""), "/token: .* answers 403"),
    ],
)
def test_a_token_that_does_not_come_is_told(
    stub: Script, asking: Registries, answer: tuple[int, dict[str, str], bytes], complaint: str
) -> None:
    stub.token, stub.answers = "secret", {"/token": answer}

    with pytest.raises(Unavailable, match=complaint):
        asking.manifest(image(stub))


def test_a_registry_that_wants_a_password_is_told_of_netrc(stub: Script, asking: Registries) -> None:
    stub.answers = {"/v2/a/manifests/1": (401, {"WWW-Authenticate": 'Basic realm="it"'}, b"")}

    with pytest.raises(Unavailable, match=r"wants credentials: put them into \.netrc"):
        asking.manifest(image(stub))


def test_a_registry_that_names_another_digest_than_its_bytes_have_is_refused(stub: Script, asking: Registries) -> None:
    stub.answers = {"/v2/a/manifests/1": (200, {"Docker-Content-Digest": OTHER}, INDEX.encode())}

    with pytest.raises(Unavailable, match=f"the registry calls {OTHER} what is {DIGEST}"):
        asking.manifest(image(stub))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"manifests": [1]}'])
def test_what_is_no_manifest_is_refused(stub: Script, asking: Registries, body: bytes) -> None:
    stub.answers = {"/v2/a/manifests/1": (200, {}, body)}

    with pytest.raises(Unavailable, match="what the registry has there is no manifest"):
        asking.manifest(image(stub))


def test_a_manifest_that_has_no_end_is_cut_off(stub: Script, asking: Registries) -> None:
    stub.answers = {"/v2/a/manifests/1": (200, {}, b" " * (4 * 1024 * 1024 + 1))}

    with pytest.raises(Unavailable, match="its manifest is larger than 4194304 bytes"):
        asking.manifest(image(stub))


def test_nobody_is_asked_for_an_image_without_a_registry(asking: Registries) -> None:
    with pytest.raises(Unavailable, match="names no registry: name one, as in REGISTRY/agent:latest"):
        asking.manifest(ImageName("", "agent", "latest"))


def test_a_registry_that_is_not_there_is_told(asking: Registries) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        asking.manifest(ImageName("127.0.0.1:1", "a", "1"))


def test_a_download_is_summed_and_one_that_is_not_there_told(stub: Script, asking: Registries) -> None:
    stub.answers = {"/kubelet": (200, {}, INDEX.encode())}

    assert f"sha256:{asking.sha256(f'{stub.url}/kubelet')}" == DIGEST
    with pytest.raises(Unavailable, match=r"/none: 127\.0\.0\.1:\d+ answers 404"):
        asking.sha256(f"{stub.url}/none")
