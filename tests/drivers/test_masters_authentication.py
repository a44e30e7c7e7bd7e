# SPDX-License-Identifier: Apache-2.0
"""Who may log in to a cluster, and who decides what users may do: certificates, Keystone, a webhook of the owner."""

import base64
import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest

from magnum_lite.certs import x509
from magnum_lite.drivers.base import Wish
from magnum_lite.drivers.k8s_fcos import control_plane, node_files
from magnum_lite.drivers.k8s_fcos.certificates import requests
from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.errors import BadRequest, InvalidLabel
from magnum_lite.releases.catalogue import Release
from magnum_lite.releases.installed import Releases
from tests.drivers import clusters

PINNED = {"k8s-keystone-auth": "registry.example/k8s-keystone-auth:v1@sha256:" + "ab" * 32}
KEYSTONE = "/etc/kubernetes/apiserver/keystone.kubeconfig"
OWN = "/etc/kubernetes/apiserver/token-webhook.kubeconfig"
URL = "https://idp.example:9443/authenticate"
AUTHORITY = x509.new_ca("idp", organization="o", unit="u", days=2).certificate_pem


def release(*, keystone: bool) -> Release:
    found = Releases.load().find("v1.35.4")
    assert found is not None
    others = {name: image for name, image in found.images.items() if name not in PINNED}
    return dataclasses.replace(found, images={**others, **(PINNED if keystone else {})})


def place(labels: Mapping[str, str] | None = None, *, keystone: bool = True) -> Place:
    cluster = clusters.a_built_cluster({"labels": dict(labels or {})})
    values = clusters.driver().labels.parse(cluster.labels)
    return Place(cluster, cluster.masters[0], values, release(keystone=keystone))


def api_server(where: Place) -> tuple[str, Mapping[str, str]]:
    """Give the flags that a unit takes from its variables, and the files by path."""
    (part,) = (one for one in control_plane.parts(where) if one.name == "kube-apiserver")
    texts = {one.path: one.content for one in part.files}
    (line,) = (
        one for one in texts["/etc/magnum-lite/env/kube-apiserver"].splitlines() if one.startswith("TOKEN_WEBHOOK=")
    )
    return line.partition("=")[2].strip('"'), texts


def authorizers(texts: Mapping[str, str]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = json.loads(texts["/etc/kubernetes/apiserver/authorization.json"])["authorizers"]
    return found


def test_keystone_says_who_somebody_is_and_decides_after_rbac() -> None:
    flags, texts = api_server(place())

    assert flags.split() == [
        f"--authentication-token-webhook-config-file={KEYSTONE}",
        "--authentication-token-webhook-version=v1beta1",
        "--authentication-token-webhook-cache-ttl=1m0s",
    ]
    assert [one["type"] for one in authorizers(texts)] == ["Node", "RBAC", "Webhook"]


def test_while_keystone_does_not_answer_only_rbac_decides() -> None:
    _, texts = api_server(place())
    webhook = authorizers(texts)[-1]["webhook"]

    assert (webhook["failurePolicy"], webhook["timeout"]) == ("NoOpinion", "3s")
    assert webhook["connectionInfo"] == {"type": "KubeConfigFile", "kubeConfigFile": KEYSTONE}


def test_keystones_webhook_is_reached_on_this_machine_and_proves_itself() -> None:
    where = place()
    _, texts = api_server(where)
    cluster = json.loads(texts[KEYSTONE])["clusters"][0]["cluster"]

    serving = next(one for one in requests(where) if one.profile == "keystone-auth")

    assert cluster["server"] == "https://127.0.0.1:8443/webhook"
    assert cluster["certificate-authority"] == f"{node_files.PKI}/kubernetes-ca.crt"
    assert (serving.authority, serving.ips) == ("kubernetes", ("127.0.0.1",))


@pytest.mark.parametrize(
    ("labels", "keystone"),
    [({"keystone_auth_enabled": "false"}, True), ({}, False)],
    ids=["switched off", "not pinned"],
)
def test_without_keystone_the_api_server_asks_nobody(labels: Mapping[str, str], keystone: bool) -> None:
    where = place(labels, keystone=keystone)
    flags, texts = api_server(where)

    assert flags == ""
    assert [one["type"] for one in authorizers(texts)] == ["Node", "RBAC"]
    assert KEYSTONE not in texts
    assert "keystone-auth" not in {one.profile for one in requests(where)}


@pytest.mark.parametrize("authority", [AUTHORITY, base64.b64encode(AUTHORITY.encode()).decode()], ids=["PEM", "base64"])
def test_an_owners_webhook_takes_keystones_place(authority: str) -> None:
    flags, texts = api_server(place({"authentication_webhook_url": URL, "authentication_webhook_ca": authority}))
    cluster = json.loads(texts[OWN])["clusters"][0]["cluster"]

    assert f"config-file={OWN}" in flags
    assert "version=v1 " in flags
    assert KEYSTONE not in texts
    assert [one["type"] for one in authorizers(texts)] == ["Node", "RBAC"]
    assert cluster["server"] == URL
    assert base64.b64decode(cluster["certificate-authority-data"]).decode() == AUTHORITY


def test_an_owners_webhook_without_an_authority_is_one_that_everybody_trusts() -> None:
    _, texts = api_server(place({"authentication_webhook_url": URL}))

    assert json.loads(texts[OWN])["clusters"][0]["cluster"] == {"server": URL}


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example/",
        "https://",
        "https://user:word@idp.example/",
        "https://idp.example/?a=b",
        "https://idp.example/ --insecure",
        'https://idp.example/"',
        "https://idp.example:70000/",
    ],
)
def test_a_url_that_is_not_plain_https_is_refused(url: str) -> None:
    with pytest.raises(InvalidLabel, match="authentication_webhook_url"):
        clusters.driver().labels.parse({"authentication_webhook_url": url})


LEAF = AUTHORITY.replace("MII", "MIJ", 1)


@pytest.mark.parametrize(
    "authority",
    ["nonsense", base64.b64encode(b"nonsense").decode(), LEAF, AUTHORITY + "and more", AUTHORITY * 9],
    ids=["no base64", "no PEM", "broken", "more", "too many"],
)
def test_an_authority_that_is_none_is_refused(authority: str) -> None:
    with pytest.raises(InvalidLabel, match="authentication_webhook_ca"):
        clusters.driver().labels.parse({"authentication_webhook_ca": authority})


def test_an_authority_of_no_webhook_is_refused() -> None:
    wish = Wish(
        flavor_id="f", master_flavor_id="f", external_network_id="n", labels={"authentication_webhook_ca": AUTHORITY}
    )

    with pytest.raises(BadRequest, match="it goes with authentication_webhook_url"):
        clusters.driver().check(wish)
