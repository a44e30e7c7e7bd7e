# SPDX-License-Identifier: Apache-2.0
"""Finding what a request names: which calls it costs, and what answers a bad name."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from magnum_lite.clouds import cinder, glance, keystone, neutron, nova
from magnum_lite.clouds.session import CloudSession
from magnum_lite.errors import CloudConflict, CloudError, CloudNotFound, InvalidField, NotFound
from tests.unit.clouds.stub import Answer, Stub

UUID = "0b6f7a5e-3a52-4c4e-9f0e-0d6d0d1f9a11"
FLAVOR = {"id": "f1", "name": "m1.small", "ram": 2048, "vcpus": 1, "disk": 20}
IMAGE = {"id": UUID, "name": "fedora", "os_distro": "fedora-coreos", "status": "active"}
NETWORK = {"id": UUID, "name": "public", "router:external": True}
SUBNET = {"id": UUID, "name": "private-subnet", "network_id": "n", "cidr": "127.32.0.0/24"}

FLAVORS = "/compute/v2.1/flavors"
KEYPAIRS = "/compute/v2.1/os-keypairs"
IMAGES = "/image/v2/images"
NETWORKS = "/network/v2.0/networks"
SUBNETS = "/network/v2.0/subnets"
DOMAINS = "/identity/v3/domains"
TOKENS = "/identity/v3/auth/tokens"
USERS = "/identity/v3/users"
PROJECTS = "/identity/v3/projects"
ROLES = "/identity/v3/roles"
GRANT = "/identity/v3/projects/p/users/u/roles"

Lookup = Callable[[CloudSession, str], object]


@pytest.fixture(autouse=True)
def furnished(stub: Stub) -> None:
    stub.give("GET", f"{FLAVORS}/f1", Answer(200, {"flavor": FLAVOR}))
    stub.give("GET", f"{FLAVORS}/detail", Answer(200, {"flavors": [FLAVOR]}))
    stub.give("GET", f"{KEYPAIRS}/my%20key", Answer(200, {"keypair": {"name": "my key", "public_key": "ssh-rsa A"}}))
    stub.give("GET", f"{IMAGES}/{UUID}", Answer(200, IMAGE))
    stub.give("GET", IMAGES, Answer(200, {"images": [IMAGE]}))
    stub.give("GET", NETWORKS, Answer(200, {"networks": [NETWORK]}))
    stub.give("GET", SUBNETS, Answer(200, {"subnets": [SUBNET]}))
    stub.give("GET", "/volume/v3/types", Answer(200, {"volume_types": [{"id": "t1", "name": "fast"}]}))
    stub.give("GET", DOMAINS, Answer(200, {"domains": [{"id": "d1", "name": "magnum"}]}))


def image(session: CloudSession, ident: str) -> object:
    return glance.get_image(session, ident, field="the_field")


def flavor(session: CloudSession, ident: str) -> object:
    return nova.get_flavor(session, ident, field="the_field")


def network(session: CloudSession, ident: str) -> object:
    return neutron.get_network(session, ident, external=None, field="the_field")


def subnet(session: CloudSession, ident: str) -> object:
    return neutron.get_subnet(session, ident, field="the_field")


def volume_type(session: CloudSession, ident: str) -> object:
    return cinder.get_volume_type(session, ident, field="the_field")


LOOKUPS = [image, flavor, network, subnet, volume_type]


@pytest.mark.parametrize(
    ("lookup", "ident", "found", "calls"),
    [
        (flavor, "f1", nova.Flavor("f1", "m1.small", 2048, 1, 20), 1),
        (flavor, "m1.small", nova.Flavor("f1", "m1.small", 2048, 1, 20), 2),
        (image, UUID, glance.Image(UUID, "fedora", "fedora-coreos", None, "active"), 1),
        (image, "fedora", glance.Image(UUID, "fedora", "fedora-coreos", None, "active"), 1),
        (network, UUID, neutron.Network(UUID, "public", True), 1),
        (network, "public", neutron.Network(UUID, "public", True), 1),
        (subnet, "private-subnet", neutron.Subnet(UUID, "private-subnet", "n", "127.32.0.0/24"), 1),
        (volume_type, "t1", cinder.VolumeType("t1", "fast"), 1),
        (volume_type, "fast", cinder.VolumeType("t1", "fast"), 1),
    ],
)
def test_a_thing_is_found_by_its_id_and_its_name_with_few_calls(
    stub: Stub, session: CloudSession, lookup: Lookup, ident: str, found: object, calls: int
) -> None:
    assert (lookup(session, ident), len(stub.calls())) == (found, calls)


def test_a_flavor_whose_name_is_known_costs_one_call(stub: Stub, session: CloudSession) -> None:
    known: dict[str, str] = {}
    first = nova.get_flavor(session, "m1.small", known=known)
    before = len(stub.calls())

    assert nova.get_flavor(session, "m1.small", known=known) == first
    assert stub.calls()[before:] == [("GET", f"{FLAVORS}/f1")]


@pytest.mark.parametrize("body", [{"flavor": {**FLAVOR, "name": "renamed"}}, None])
def test_a_name_that_means_another_flavor_now_is_looked_for_again(
    stub: Stub, session: CloudSession, body: object
) -> None:
    known = {"m1.small": "f1"}
    stub.give("GET", f"{FLAVORS}/f1", Answer(404 if body is None else 200, body or {}))
    stub.give("GET", f"{FLAVORS}/detail", Answer(200, {"flavors": [{**FLAVOR, "id": "f2"}]}))

    assert nova.get_flavor(session, "m1.small", known=known).id == "f2"
    assert known == {"m1.small": "f2"}


def nothing(stub: Stub) -> None:
    stub.give("GET", f"{FLAVORS}/detail", Answer(200, {"flavors": []}))
    stub.give("GET", IMAGES, Answer(200, {"images": []}))
    stub.give("GET", f"{IMAGES}/{UUID}", Answer(404, {}))
    stub.give("GET", NETWORKS, Answer(200, {"networks": []}))
    stub.give("GET", SUBNETS, Answer(200, {"subnets": []}))
    stub.give("GET", "/volume/v3/types", Answer(200, {"volume_types": []}))


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize("ident", ["nothing", UUID, "", ".", "..", "../users", "a/b", "a?b=c", "a#b", "é", "%2e%2e"])
def test_what_is_not_there_is_a_bad_request_that_names_field_and_value(
    stub: Stub, session: CloudSession, lookup: Lookup, ident: str
) -> None:
    nothing(stub)

    with pytest.raises(InvalidField) as caught:
        lookup(session, ident)

    assert caught.value.message.startswith(f"Invalid value {ident!r} for the_field: it must be the ID or the name of a")


@pytest.mark.parametrize("ident", ["..", "../users", "a/b", "a?b=c", "a#b"])
def test_a_name_never_makes_the_path_of_another_resource(stub: Stub, session: CloudSession, ident: str) -> None:
    with pytest.raises(InvalidField):
        flavor(session, ident)
    with pytest.raises(NotFound):
        nova.get_keypair(session, ident)

    allowed = (f"{FLAVORS}/", f"{KEYPAIRS}/")
    paths = [target.partition("?")[0].replace("//", "/") for _method, target in stub.calls()]
    assert [path for path in paths if not path.startswith(allowed) or path.count("/") != 4] == []


@pytest.mark.parametrize(
    ("path", "body", "lookup"),
    [
        (IMAGES, {"images": [IMAGE, IMAGE]}, lambda session: image(session, "fedora")),
        (NETWORKS, {"networks": [NETWORK, NETWORK]}, lambda session: network(session, "public")),
        (SUBNETS, {"subnets": [SUBNET, SUBNET]}, lambda session: subnet(session, "private-subnet")),
    ],
)
def test_a_name_of_two_things_is_refused(
    stub: Stub, session: CloudSession, path: str, body: object, lookup: Callable[[CloudSession], object]
) -> None:
    stub.give("GET", path, Answer(200, body))

    with pytest.raises(InvalidField, match="2 things of this kind have that name; give the ID instead"):
        lookup(session)


@pytest.mark.parametrize(("external", "is_found"), [(True, True), (None, True), (False, False)])
def test_a_network_must_be_of_the_asked_kind(session: CloudSession, external: bool | None, is_found: bool) -> None:
    try:
        found = neutron.get_network(session, "public", external=external).is_external
    except InvalidField:
        found = False

    assert found == is_found


def test_an_internal_network_of_the_same_name_is_not_in_the_way(stub: Stub, session: CloudSession) -> None:
    inner = {"id": "inner", "name": "public", "router:external": False}
    stub.give("GET", NETWORKS, Answer(200, {"networks": [inner, NETWORK]}))

    assert neutron.get_network(session, "public", external=True).id == UUID


@pytest.mark.parametrize("lookup", [image, network, subnet])
def test_no_name_does_not_mean_the_things_without_a_name(stub: Stub, session: CloudSession, lookup: Lookup) -> None:
    stub.give("GET", IMAGES, Answer(200, {"images": [{**IMAGE, "name": ""}]}))
    stub.give("GET", NETWORKS, Answer(200, {"networks": [{**NETWORK, "name": ""}]}))
    stub.give("GET", SUBNETS, Answer(200, {"subnets": [{**SUBNET, "name": ""}]}))

    with pytest.raises(InvalidField):
        lookup(session, "")


def test_an_operator_in_the_name_of_an_image_finds_nothing(session: CloudSession) -> None:
    with pytest.raises(InvalidField):
        image(session, "in:fedora")


def test_a_keypair_is_found_by_its_name(session: CloudSession) -> None:
    assert nova.get_keypair(session, "my key") == nova.Keypair("my key", "ssh-rsa A")


def test_a_missing_keypair_is_not_found(session: CloudSession) -> None:
    with pytest.raises(NotFound, match="Keypair yours could not be found"):
        nova.get_keypair(session, "yours")


@pytest.mark.parametrize("ident", ["p1", "a/b", "a?b=c"])
def test_a_project_is_looked_up_with_one_call_to_a_path_of_its_own(
    stub: Stub, session: CloudSession, ident: str
) -> None:
    stub.give("GET", f"{PROJECTS}/p1", Answer(200, {"project": {"id": "p1", "name": "demo"}}))
    try:
        found = keystone.get_project(session, ident)
    except NotFound as error:
        assert error.message == f"Project {ident} could not be found"
    else:
        assert found == keystone.Project("p1", "demo")

    (call,) = stub.calls(service="identity")
    assert call == ("GET", f"{PROJECTS}/{quote(ident, safe='')}")


def test_a_new_user_is_made_in_the_domain_with_its_password(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", USERS, Answer(200, {"users": []}))
    stub.give("POST", USERS, Answer(201, {"user": {"id": "u1"}}))

    assert keystone.ensure_user(session, "magnum", "cluster", "secret") == keystone.User("u1")
    made = stub.seen[-1].body["user"]
    assert (made["name"], made["domain_id"], made["password"], made["enabled"]) == ("cluster", "d1", "secret", True)


def test_a_user_that_is_there_with_another_password_gets_this_one(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", USERS, Answer(200, {"users": [{"id": "u1", "name": "cluster"}]}))
    stub.give("PATCH", f"{USERS}/u1", Answer(200, {"user": {"id": "u1"}}))
    session.get_token()
    stub.give("POST", TOKENS, Answer(401, {"error": {"message": "The request you have made requires authentication."}}))

    assert keystone.ensure_user(session, "magnum", "cluster", "secret") == keystone.User("u1", is_changed=True)
    assert stub.seen[-1].body == {"user": {"password": "secret", "enabled": True}}


def test_a_user_that_can_log_in_keeps_its_password_and_so_its_tokens(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", USERS, Answer(200, {"users": [{"id": "u1", "name": "cluster"}]}))

    assert keystone.ensure_user(session, "magnum", "cluster", "secret") == keystone.User("u1")
    assert (stub.seen[-1].method, stub.seen[-1].target) == ("POST", TOKENS)
    assert "X-Auth-Token" not in stub.seen[-1].headers


def test_a_user_that_somebody_else_makes_first_is_adopted(stub: Stub, session: CloudSession) -> None:
    there = Answer(200, {"users": [{"id": "u1", "name": "cluster"}]})
    stub.give("GET", USERS, Answer(200, {"users": []}), there)
    stub.give("POST", USERS, Answer(409, {"error": {"message": "Duplicate entry"}}))

    assert keystone.ensure_user(session, "magnum", "cluster", "secret") == keystone.User("u1")


def test_a_user_that_can_be_neither_made_nor_found_is_a_conflict(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", USERS, Answer(200, {"users": []}))
    stub.give("POST", USERS, Answer(409, {"error": {"message": "Duplicate entry"}}))

    with pytest.raises(CloudConflict, match="Duplicate entry"):
        keystone.ensure_user(session, "magnum", "cluster", "secret")


def test_no_password_is_logged(stub: Stub, session: CloudSession, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    stub.give("GET", USERS, Answer(200, {"users": []}), Answer(200, {"users": [{"id": "u1", "name": "cluster"}]}))
    stub.give("POST", USERS, Answer(409, {}))
    stub.give("PATCH", f"{USERS}/u1", Answer(200, {"user": {"id": "u1"}}))

    keystone.ensure_user(session, "magnum", "cluster", "correct horse")

    assert USERS in caplog.text
    assert "correct horse" not in caplog.text


def test_a_domain_that_is_not_there_is_named(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", DOMAINS, Answer(200, {"domains": []}))

    with pytest.raises(CloudNotFound, match="there is no domain 'magnum'"):
        keystone.ensure_user(session, "magnum", "cluster", "secret")


def test_the_ids_of_roles_are_asked_for_once(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", ROLES, Answer(200, {"roles": [{"id": "r1", "name": "member"}]}))
    stub.give("PUT", f"{GRANT}/r1", Answer(204, b""))

    for _ in range(3):
        keystone.ensure_role(session, "u", "p", ["member"])

    assert [method for method, _target in stub.calls(service="identity")] == ["GET", "PUT", "PUT", "PUT"]


def test_a_role_that_was_made_anew_is_found_again(stub: Stub, session: CloudSession) -> None:
    session.known_ids["role", "member"] = "before"
    stub.give("GET", ROLES, Answer(200, {"roles": [{"id": "r1", "name": "member"}]}))
    stub.give("PUT", f"{GRANT}/r1", Answer(204, b""))

    keystone.ensure_role(session, "u", "p", ["member"])

    assert stub.calls(service="identity")[-1] == ("PUT", f"{GRANT}/r1")


def test_a_role_that_is_not_there_is_named(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", ROLES, Answer(200, {"roles": []}))

    with pytest.raises(CloudNotFound, match="there is no role 'member'"):
        keystone.ensure_role(session, "u", "p", ["member"])


@pytest.mark.parametrize("delete", [Answer(204, b""), Answer(404, {})])
def test_a_user_is_removed_though_somebody_else_removes_it_first(
    stub: Stub, session: CloudSession, delete: Answer
) -> None:
    stub.give("GET", USERS, Answer(200, {"users": [{"id": "u1", "name": "cluster"}]}))
    stub.give("DELETE", f"{USERS}/u1", delete)

    keystone.remove_user(session, "magnum", "cluster")

    assert stub.calls()[-1] == ("DELETE", f"{USERS}/u1")


def test_a_user_that_is_gone_is_removed_without_a_call(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", USERS, Answer(200, {"users": []}))

    keystone.remove_user(session, "magnum", "cluster")

    assert {method for method, _target in stub.calls()} == {"GET"}


def test_a_user_that_cannot_be_removed_is_not_forgotten(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", USERS, Answer(200, {"users": [{"id": "u1", "name": "cluster"}]}))
    stub.give("DELETE", f"{USERS}/u1", Answer(500, {}))

    with pytest.raises(CloudError, match="HTTP 500"):
        keystone.remove_user(session, "magnum", "cluster")
