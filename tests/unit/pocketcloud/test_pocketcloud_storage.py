# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Glance and Cinder, over HTTP."""

import pytest


def project_of(caller) -> str:
    return caller.get("/identity/v3/auth/projects")["projects"][0]["id"]


def test_images_are_found_by_name_and_property(demo) -> None:
    by_name = demo.get("/image/v2/images?name=fedora-coreos")["images"]
    by_property = demo.get("/image/v2/images?os_distro=fedora-coreos")["images"]
    plain = demo.get("/image/v2/images?name=plain")["images"][0]

    assert by_name == by_property
    assert by_name[0]["os_distro"] == "fedora-coreos"
    assert "os_distro" not in demo.get(f"/image/v2/images/{plain['id']}")


def test_a_missing_image_is_a_404_with_its_id(demo) -> None:
    answer = demo.call("GET", "/image/v2/images/none")

    assert (answer.status_code, answer.json()["message"]) == (404, "No image found with ID none")


def test_images_are_paged(demo) -> None:
    first = demo.get("/image/v2/images?limit=1")
    second = demo.get(f"/image{first['next']}")

    assert {"plain", "fedora-coreos"} == {one["images"][0]["name"] for one in (first, second)}


def test_an_image_is_changed_by_its_owner_only(demo, admin) -> None:
    image = demo.get("/image/v2/images?name=plain")["images"][0]["id"]
    patch = [{"op": "add", "path": "/os_distro", "value": "debian"}]

    assert demo.call("PATCH", f"/image/v2/images/{image}", patch).status_code == 404
    assert admin.call("PATCH", f"/image/v2/images/{image}", patch).json()["os_distro"] == "debian"


def test_volume_types_tell_their_encryption(demo) -> None:
    base = f"/volume/v3/{project_of(demo)}"
    types = {one["name"]: one["id"] for one in demo.get(f"{base}/types")["volume_types"]}

    assert demo.get(f"{base}/types/{types['encrypted']}/encryption")["provider"] == "luks"
    assert demo.get(f"{base}/types/{types['standard']}/encryption") == {}


def test_a_volume_becomes_available_and_goes(demo, anybody, wait) -> None:
    base = f"/volume/v3/{project_of(demo)}/volumes"
    volume = demo.make(base, {"volume": {"name": "etcd", "size": 2, "volume_type": "encrypted"}})

    assert (volume["status"], volume["encrypted"]) == ("creating", True)
    wait(lambda: demo.get(f"{base}/{volume['id']}")["volume"]["status"] == "available")
    assert [volume["id"]] == [one["id"] for one in demo.get(f"{base}/detail?name=etcd")["volumes"]]
    demo.call("DELETE", f"{base}/{volume['id']}")
    wait(lambda: anybody.get("/pocket/leftovers")["leftovers"] == {})


@pytest.mark.parametrize("values", [{"size": 0}, {"size": "big"}, {}])
def test_a_bad_size_is_a_400(demo, values) -> None:
    answer = demo.call("POST", f"/volume/v3/{project_of(demo)}/volumes", {"volume": values})

    assert answer.status_code == 400
    assert "Volume size" in answer.json()["badRequest"]["message"]


def test_an_unknown_volume_type_is_a_404(demo) -> None:
    body = {"volume": {"size": 1, "volume_type": "golden"}}

    assert demo.call("POST", f"/volume/v3/{project_of(demo)}/volumes", body).status_code == 404


@pytest.mark.parametrize(
    ("limits", "words"), [({"volumes": 0}, "VolumeLimitExceeded"), ({"gigabytes": 1}, "gigabytes")]
)
def test_a_full_quota_is_cinders_413(demo, admin, limits, words) -> None:
    project = project_of(demo)
    admin.call("PUT", f"/volume/v3/{project_of(admin)}/os-quota-sets/{project}", {"quota_set": limits})

    answer = demo.call("POST", f"/volume/v3/{project}/volumes", {"volume": {"size": 2}})

    assert answer.status_code == 413
    assert words in answer.json()["overLimit"]["message"]


def test_another_projects_path_is_refused(demo, log_in) -> None:
    assert demo.call("GET", f"/volume/v3/{project_of(log_in('other'))}/volumes").status_code == 403
