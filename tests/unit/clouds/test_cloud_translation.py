# SPDX-License-Identifier: Apache-2.0
"""What a failing service looks like to the rest of the program."""

import threading
from collections.abc import Callable

import pytest
from oslo_config import cfg

from magnum_lite.clouds import cinder, glance, neutron, nova
from magnum_lite.clouds.session import CloudSession, service_session
from magnum_lite.clouds.translation import sentence_of
from magnum_lite.errors import CloudConflict, CloudError, CloudForbidden, CloudNotFound
from tests.unit.clouds.stub import Answer, Stub

NETWORKS = "/network/v2.0/networks"
FLAVOR = "/compute/v2.1/flavors/m1"


def network(session: CloudSession) -> object:
    return neutron.get_network(session, "public", external=True)


def flavor(session: CloudSession) -> object:
    return nova.get_flavor(session, "m1")


@pytest.mark.parametrize(
    ("status", "headers", "kind", "is_retriable"),
    [
        (400, {}, CloudError, False),
        (401, {}, CloudForbidden, False),
        (403, {}, CloudForbidden, False),
        (404, {}, CloudNotFound, False),
        (409, {}, CloudConflict, True),
        (413, {}, CloudError, False),
        (413, {"Retry-After": "2"}, CloudError, True),
        (429, {}, CloudError, True),
        (500, {}, CloudError, True),
        (501, {}, CloudError, False),
        (502, {}, CloudError, True),
        (503, {}, CloudError, True),
        (599, {}, CloudError, True),
    ],
)
@pytest.mark.parametrize(("call", "path"), [(network, NETWORKS), (flavor, "/compute/v2.1/flavors/detail")])
def test_a_status_says_what_happened_and_whether_to_try_again(
    stub: Stub,
    session: CloudSession,
    call: Callable[[CloudSession], object],
    path: str,
    status: int,
    headers: dict[str, str],
    kind: type[CloudError],
    is_retriable: bool,
) -> None:
    stub.give("GET", path, Answer(status, {"error": {"message": "the service's own words"}}, headers))

    with pytest.raises(CloudError) as caught:
        call(session)

    assert (type(caught.value), caught.value.retriable) == (kind, is_retriable)
    assert f"the service's own words (HTTP {status})" in caught.value.message


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"NeutronError": {"type": "OverQuota", "message": "Quota exceeded", "detail": ""}}, "Quota exceeded"),
        ({"badRequest": {"code": 400, "message": "Invalid flavor"}}, "Invalid flavor"),
        ({"error": {"code": 400, "message": "Bad user", "title": "Bad Request"}}, "Bad user"),
        ({"faultcode": "Client", "faultstring": "No such provider", "debuginfo": None}, "No such provider"),
        ({"errors": [{"status": 400, "title": "Bad", "detail": "No such zone"}]}, "No such zone"),
        ({"errors": []}, None),
        ({"message": ""}, None),
        ({"message": {"a": 1}}, None),
        (["nothing", 1, None], None),
        ("text", None),
        (None, None),
    ],
)
def test_the_sentence_of_each_kind_of_service_is_found(body: object, sentence: str | None) -> None:
    assert sentence == sentence_of(body)


def test_the_request_id_of_the_service_is_told(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", NETWORKS, Answer(500, {"NeutronError": {"message": "Oh"}}, {"X-Openstack-Request-Id": "req-1"}))

    with pytest.raises(CloudError) as caught:
        network(session)

    assert caught.value.message == "neutron: Oh [req-1] (HTTP 500)"


def test_an_error_page_of_a_proxy_is_told_by_its_status(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", NETWORKS, Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}))

    with pytest.raises(CloudError, match=r"neutron: Bad Gateway \(HTTP 502\)"):
        network(session)


def test_a_long_sentence_is_cut(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", NETWORKS, Answer(500, {"error": {"message": "word " * 1000}}))

    with pytest.raises(CloudError) as caught:
        network(session)

    assert len(caught.value.message) < 600


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (network, NETWORKS),
        (flavor, FLAVOR),
        (lambda session: glance.get_image(session, "fedora"), "/image/v2/images"),
        (lambda session: cinder.get_volume_type(session, "fast", field="x"), "/volume/v3/types"),
        (lambda session: nova.get_keypair(session, "mine"), "/compute/v2.1/os-keypairs/mine"),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"networks": null, "images": null, "flavor": null, "keypair": null, "volume_types": null}',
        b'{"networks": [{}], "images": [{}], "flavor": {}, "keypair": {}, "volume_types": [{}]}',
        b'{"networks": ["x"], "images": ["x"], "flavor": "x", "keypair": "x", "volume_types": ["x"]}',
        b"\xff\xfe",
    ],
)
def test_garbage_counts_as_a_failure_that_passes(
    stub: Stub, session: CloudSession, call: Callable[[CloudSession], object], path: str, body: bytes
) -> None:
    stub.give("GET", path, Answer(200, body))

    with pytest.raises(CloudError) as caught:
        call(session)

    assert caught.value.retriable


def test_a_service_that_does_not_answer_in_time_is_given_up(stub: Stub, conf: cfg.ConfigOpts) -> None:
    conf.set_override("timeout", 1, "service_clients")
    late = threading.Event()
    stub.give("GET", NETWORKS, Answer(200, {"networks": []}, wait=lambda: late.wait(30)))

    with pytest.raises(CloudError, match="timed out") as caught:
        network(service_session(conf))

    late.set()
    assert caught.value.retriable


def test_a_refused_connection_is_a_plain_sentence(stub: Stub, session: CloudSession) -> None:
    stub.sign_in_to(network="http://127.0.0.1:1/v2.0")

    with pytest.raises(CloudError) as caught:
        network(session)

    assert caught.value.retriable
    assert caught.value.message.startswith(
        "neutron: Unable to establish connection to http://127.0.0.1:1/v2.0/networks"
    )
    assert "object at 0x" not in caught.value.message


def test_a_service_that_the_catalog_lacks_is_not_tried_again(stub: Stub, session: CloudSession) -> None:
    stub.sign_in_to(network=None)

    with pytest.raises(CloudError, match="neutron: public endpoint for network service not found") as caught:
        network(session)

    assert not caught.value.retriable


def test_a_plain_service_is_not_called_over_tls(stub: Stub, session: CloudSession) -> None:
    stub.sign_in_to(network=f"{stub.url.replace('http:', 'https:')}/network/v2.0")

    with pytest.raises(CloudError, match="no trusted connection") as caught:
        network(session)

    assert not caught.value.retriable


def test_a_wrong_password_is_not_tried_again(stub: Stub, session: CloudSession) -> None:
    stub.give("POST", "/identity/v3/auth/tokens", Answer(401, {"error": {"message": "Wrong password"}}))

    with pytest.raises(CloudForbidden, match=r"neutron: Wrong password \(HTTP 401\)"):
        network(session)
