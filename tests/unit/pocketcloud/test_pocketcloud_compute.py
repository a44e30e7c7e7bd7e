# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Nova, over HTTP."""

import base64

import pytest

V21 = "/compute/v2.1"
LATEST = {"OpenStack_API_Version": "compute latest"}


def wish(caller, **values):
    flavor = caller.get(f"{V21}/flavors")["flavors"][0]["id"]
    image = caller.get("/image/v2/images?name=plain")["images"][0]["id"]
    return {"server": {"name": "s", "flavorRef": flavor, "imageRef": image, "networks": "auto", **values}}


def made(caller, wait, **values):
    """Make a server and wait until it has settled; gives it."""
    ident = caller.make(f"{V21}/servers", wish(caller, **values))["id"]
    path = f"{V21}/servers/{ident}"
    return wait(lambda: next((one for one in [caller.get(path)["server"]] if one["status"] != "BUILD"), None))


def test_a_server_becomes_active_and_is_gone_after_its_deletion(demo, anybody, wait) -> None:
    server = made(demo, wait)

    assert (server["status"], server["OS-EXT-STS:vm_state"]) == ("ACTIVE", "active")
    assert server["addresses"]["private"][0]["addr"].startswith("127.16.")
    assert demo.call("DELETE", f"{V21}/servers/{server['id']}").status_code == 204
    wait(lambda: demo.call("GET", f"{V21}/servers/{server['id']}").status_code == 404)
    assert anybody.get("/pocket/leftovers")["leftovers"] == {}


def test_a_given_port_is_bound_and_survives_the_server(demo, wait) -> None:
    net = demo.get("/network/v2.0/networks?name=private")["networks"][0]["id"]
    port = demo.make("/network/v2.0/ports", {"port": {"network_id": net}})

    server = made(demo, wait, networks=[{"port": port["id"]}])
    bound = demo.get(f"/network/v2.0/ports/{port['id']}")["port"]
    twice = demo.call("POST", f"{V21}/servers", wish(demo, networks=[{"port": port["id"]}]))
    demo.call("DELETE", f"{V21}/servers/{server['id']}")

    assert (bound["device_id"], bound["device_owner"], bound["status"]) == (server["id"], "compute:nova", "ACTIVE")
    assert (twice.status_code, twice.json()["conflictingRequest"]["code"]) == (409, 409)
    wait(lambda: demo.get(f"/network/v2.0/ports/{port['id']}")["port"]["device_id"] == "")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"flavorRef": "huge"}, "Flavor huge could not be found."),
        ({"imageRef": "none"}, "Can not find requested image"),
        ({"imageRef": None}, "Invalid imageRef provided."),
        ({"key_name": "lost"}, "Invalid key_name provided."),
        ({"name": ""}, "name"),
        ({"networks": [{"uuid": "none"}]}, "Network none could not be found."),
        ({"networks": [{}]}, "networks"),
        ({"user_data": "not base64!"}, "valid base 64"),
        ({"user_data": "A" * 65536}, "Userdata content too large"),
        ({"block_device_mapping_v2": [{"boot_index": 0}]}, "source_type"),
        ({"max_count": 2}, "max_count"),
    ],
)
def test_a_bad_server_is_a_400_that_says_why(demo, anybody, values, words) -> None:
    answer = demo.call("POST", f"{V21}/servers", wish(demo, **values))

    assert answer.status_code == 400
    assert words in answer.json()["badRequest"]["message"]
    assert anybody.get("/pocket/leftovers")["leftovers"] == {}


def test_a_full_quota_is_novas_403(demo, admin, wait) -> None:
    project = made(demo, wait)["tenant_id"]
    admin.call("PUT", f"{V21}/os-quota-sets/{project}", {"quota_set": {"instances": 1}})

    answer = demo.call("POST", f"{V21}/servers", wish(demo))

    assert answer.status_code == 403
    words = "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances"
    assert answer.json()["forbidden"]["message"] == words


def test_a_failing_volume_leaves_no_server_and_no_port(demo, admin, anybody) -> None:
    project = demo.get("/identity/v3/auth/projects")["projects"][0]["id"]
    admin_project = admin.get("/identity/v3/auth/projects")["projects"][0]["id"]
    admin.call("PUT", f"/volume/v3/{admin_project}/os-quota-sets/{project}", {"quota_set": {"volumes": 0}})
    volume = {"source_type": "image", "destination_type": "volume", "boot_index": 0, "volume_size": 1}
    volume["uuid"] = demo.get("/image/v2/images?name=plain")["images"][0]["id"]

    answer = demo.call("POST", f"{V21}/servers", wish(demo, imageRef=None, block_device_mapping_v2=[volume]))

    assert answer.status_code == 413
    assert anybody.get("/pocket/leftovers")["leftovers"] == {}


def test_a_boot_volume_is_made_and_goes_with_the_server(demo, anybody, wait) -> None:
    image = demo.get("/image/v2/images?name=plain")["images"][0]["id"]
    volume = {"source_type": "image", "destination_type": "volume", "boot_index": 0, "volume_size": 5, "uuid": image}
    mapping = [{**volume, "volume_type": "encrypted", "delete_on_termination": True}]

    server = made(demo, wait, imageRef=None, block_device_mapping_v2=mapping)

    project = server["tenant_id"]
    ident = server["os-extended-volumes:volumes_attached"][0]["id"]
    made_volume = demo.get(f"/volume/v3/{project}/volumes/{ident}")["volume"]
    assert tuple(made_volume[key] for key in ("status", "volume_type", "encrypted")) == ("in-use", "encrypted", True)
    demo.call("DELETE", f"{V21}/servers/{server['id']}")
    wait(lambda: anybody.get("/pocket/leftovers")["leftovers"] == {})


def test_user_data_is_for_admins(demo, admin, wait) -> None:
    data = base64.b64encode(b"hello").decode()
    server = made(demo, wait, user_data=data)

    path = f"{V21}/servers/{server['id']}"
    assert admin.get(path, **LATEST)["server"]["OS-EXT-SRV-ATTR:user_data"] == data
    assert "OS-EXT-SRV-ATTR:user_data" not in demo.get(path, **LATEST)["server"]


def test_the_flavor_is_shown_as_the_microversion_wants(demo, wait) -> None:
    server = made(demo, wait)

    path = f"{V21}/servers/{server['id']}"
    assert set(demo.get(path)["server"]["flavor"]) == {"id", "links"}
    assert demo.get(path, **LATEST)["server"]["flavor"]["original_name"] == "m1.small"


def test_microversions_are_checked_and_told(demo) -> None:
    good = demo.call("GET", f"{V21}/flavors", OpenStack_API_Version="compute 2.79")
    far = demo.call("GET", f"{V21}/flavors", OpenStack_API_Version="compute 9.9")

    assert good.headers["OpenStack-API-Version"] == "compute 2.79"
    assert far.status_code == 406


def test_server_groups_hold_their_servers(demo, wait) -> None:
    body = {"server_group": {"name": "g", "policies": ["soft-anti-affinity"]}}
    group = demo.make(f"{V21}/os-server-groups", body)
    hinted = {**wish(demo), "os:scheduler_hints": {"group": group["id"]}}

    ident = demo.make(f"{V21}/servers", hinted)["id"]

    members = demo.get(f"{V21}/os-server-groups/{group['id']}")["server_group"]["members"]
    assert members == [ident]
    bad = demo.call("POST", f"{V21}/os-server-groups", {"server_group": {"name": "g", "policies": ["near"]}})
    assert bad.status_code == 400


def test_keypairs_belong_to_users(demo, admin) -> None:
    generated = demo.make(f"{V21}/os-keypairs", {"keypair": {"name": "mine"}})

    assert "PRIVATE KEY" in generated["private_key"]
    assert "private_key" not in demo.get(f"{V21}/os-keypairs/mine")["keypair"]
    assert admin.call("GET", f"{V21}/os-keypairs/mine").status_code == 404
    assert demo.call("POST", f"{V21}/os-keypairs", {"keypair": {"name": "mine"}}).status_code == 409
    assert demo.call("POST", f"{V21}/os-keypairs", {"keypair": {"name": "x", "public_key": "?"}}).status_code == 400


def test_stop_and_start(demo, wait) -> None:
    server = made(demo, wait)
    path = f"{V21}/servers/{server['id']}"

    assert demo.call("POST", f"{path}/action", {"os-stop": None}).status_code == 202
    assert demo.get(path)["server"]["status"] == "SHUTOFF"
    assert demo.call("POST", f"{path}/action", {"os-stop": None}).status_code == 409
    assert demo.call("POST", f"{path}/action", {"os-start": None}).status_code == 202
    assert demo.get(path)["server"]["status"] == "ACTIVE"
    assert demo.call("POST", f"{path}/action", {"dance": None}).status_code == 400


def test_volumes_are_attached_and_detached(demo, wait) -> None:
    server = made(demo, wait)
    volumes = f"/volume/v3/{server['tenant_id']}/volumes"
    ident = demo.make(volumes, {"volume": {"size": 1}})["id"]
    wait(lambda: demo.get(f"{volumes}/{ident}")["volume"]["status"] == "available")
    attachments = f"{V21}/servers/{server['id']}/os-volume_attachments"

    demo.make(attachments, {"volumeAttachment": {"volumeId": ident}})

    assert demo.get(f"{volumes}/{ident}")["volume"]["attachments"][0]["server_id"] == server["id"]
    assert demo.call("DELETE", f"{volumes}/{ident}").status_code == 400
    assert demo.call("DELETE", f"{attachments}/{ident}").status_code == 202
    assert demo.get(f"{volumes}/{ident}")["volume"]["status"] == "available"
    assert demo.call("DELETE", f"{volumes}/{ident}").status_code == 202


def test_servers_are_listed_by_project(demo, admin, log_in, wait) -> None:
    ident = made(demo, wait)["id"]

    assert [ident] == [one["id"] for one in demo.get(f"{V21}/servers?name=s")["servers"]]
    assert log_in("other").get(f"{V21}/servers/detail")["servers"] == []
    assert [ident] == [one["id"] for one in admin.get(f"{V21}/servers/detail?all_tenants=1")["servers"]]


@pytest.mark.parametrize("path", ["flavors/none", "os-server-groups/none", "servers/none", "os-keypairs/none"])
def test_what_is_missing_is_novas_404(demo, path) -> None:
    answer = demo.call("GET", f"{V21}/{path}")

    assert (answer.status_code, answer.json()["itemNotFound"]["code"]) == (404, 404)


def test_a_port_that_moved_on_is_left_to_its_new_server(demo, wait) -> None:
    net = demo.get("/network/v2.0/networks?name=private")["networks"][0]["id"]
    port = demo.make("/network/v2.0/ports", {"port": {"network_id": net}})["id"]
    old = made(demo, wait, networks=[{"port": port}])
    demo.call("PUT", f"/network/v2.0/ports/{port}", {"port": {"device_id": ""}})
    new = made(demo, wait, networks=[{"port": port}])

    demo.call("DELETE", f"{V21}/servers/{old['id']}")
    wait(lambda: demo.call("GET", f"{V21}/servers/{old['id']}").status_code == 404)

    assert demo.get(f"/network/v2.0/ports/{port}")["port"]["device_id"] == new["id"]
