# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's registry serves any image, always the same bytes, and each under the digest it has."""

import hashlib
from pathlib import Path

import pytest
import requests

from magnum_lite.cmd import pocket_pins
from magnum_lite.pocketcloud.registry import INDEX, MANIFEST, Registry
from magnum_lite.pocketcloud.server import PocketCloud
from magnum_lite.releases.catalogue import COMPONENTS
from magnum_lite.releases.installed import Releases

TIMEOUT = 10


def fetch(pocket: PocketCloud, path: str, method: str = "GET") -> requests.Response:
    return requests.request(method, f"{pocket.cloud.settings.url}/v2{path}", timeout=TIMEOUT)


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_an_image_is_an_index_of_two_machines_with_all_its_parts(pocket: PocketCloud) -> None:
    index = fetch(pocket, "/calico/node/manifests/v3.32.1")
    parts = [fetch(pocket, f"/calico/node/manifests/{one['digest']}") for one in index.json()["manifests"]]
    blobs = [one for part in parts for one in (part.json()["config"], *part.json()["layers"])]
    fetched = [fetch(pocket, f"/calico/node/blobs/{one['digest']}") for one in blobs]

    assert index.headers["Content-Type"] == INDEX
    assert {one["platform"]["architecture"] for one in index.json()["manifests"]} == {"amd64", "arm64"}
    assert {part.headers["Content-Type"] for part in parts} == {MANIFEST}
    for answer in (index, *parts, *fetched):
        assert answer.headers["Docker-Content-Digest"] == digest_of(answer.content)
    assert [len(one.content) for one in fetched] == [one["size"] for one in blobs]


def test_a_head_tells_the_digest_without_the_bytes(pocket: PocketCloud) -> None:
    answer = fetch(pocket, "/pause/manifests/3.10.1", "HEAD")

    assert answer.content == b""
    assert answer.headers["Docker-Content-Digest"] == digest_of(fetch(pocket, "/pause/manifests/3.10.1").content)


def test_the_same_name_and_tag_give_the_same_digest_in_every_cloud() -> None:
    ours, others = Registry(), Registry()

    assert ours.image("pause", "1").digest == others.image("pause", "1").digest
    assert len({ours.image(*one).digest for one in (("pause", "1"), ("pause", "2"), ("etcd", "1"))}) == 3


@pytest.mark.parametrize("path", [f"/pause/manifests/sha256:{'ab' * 32}", "/pause/blobs/sha256:0", "/x/manifests/-"])
def test_what_was_never_made_is_not_found(pocket: PocketCloud, path: str) -> None:
    assert fetch(pocket, path).status_code == 404


def test_it_is_in_no_catalog_and_nobody_can_push(pocket: PocketCloud) -> None:
    assert "registry" not in {one["name"] for one in pocket.cloud.identity.services}
    assert fetch(pocket, "/pause/manifests/1", "PUT").status_code == 405


def test_with_its_digests_every_release_is_complete(pocket: PocketCloud, tmp_path: Path) -> None:
    directory = tmp_path / "pins"
    pocket_pins.write(directory, pocket.cloud.settings.url)

    found = Releases.load([directory])

    assert {release.tag: set(COMPONENTS) - set(release.images) for release in found} == {
        tag: set() for tag in Releases.load().tags
    }
