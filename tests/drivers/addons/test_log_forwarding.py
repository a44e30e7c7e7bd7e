# SPDX-License-Identifier: Apache-2.0
"""Logs go where a label says, over TLS, and nothing of the label becomes more than a value."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.certs import x509
from magnum_lite.drivers.k8s_fcos import all_labels, components, node_files
from magnum_lite.drivers.k8s_fcos.addons.log_forwarding.target import Target, parse
from magnum_lite.errors import InvalidLabel
from tests.drivers.addons import objects, rendered
from tests.drivers.addons.examples import AUTHORITY

NAME = "log-forwarding"
HTTPS = "https://user:p%22a%24%7BNODE_NAME%7Ds@logs.example/in?a=b"
TLS = {"tls": "on", "tls.verify": "on", "tls.verify_hostname": "on", "tls.min_version": "TLSv1.2"}


def pipeline(target: str, **labels: str) -> dict[str, Any]:
    one = objects.addon(NAME, {"log_forwarding_target": target, **labels})
    found: dict[str, Any] = objects.settings(one, "fluent-bit.yaml")["pipeline"]
    return found


def read(**labels: str) -> Any:
    return all_labels.LABELS.parse(labels).by_name


def test_no_target_means_no_forwarding() -> None:
    assert NAME not in rendered.addons()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://logs.example", Target("https", "logs.example", 443)),
        ("https://u:p%40w@logs.example:8443/a/b?c=d", Target("https", "logs.example", 8443, "/a/b?c=d", "u", "p@w")),
        ("forward://logs.example", Target("forward", "logs.example", 24224)),
        ("forward://:a%20key@logs.example:1", Target("forward", "logs.example", 1, "/", "", "a key")),
        ("syslog://192.0.2.7", Target("syslog", "192.0.2.7", 6514)),
        ("syslog://[2001:DB8::7]:601", Target("syslog", "2001:db8::7", 601)),
    ],
)
def test_a_target_is_a_url(given: str, expected: Target) -> None:
    assert parse(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "logs.example",
        "http://logs.example",
        "tcp://logs.example",
        "https://",
        "https://logs_example",
        "https://logs.example:0x50",
        "https://logs.example:70000",
        "https://logs.example/${HOME}",
        "https://logs.example/$(id)",
        "https://logs.example/`id`",
        'https://logs.example/"',
        "https://logs.example/a b",
        "https://logs.example/a\nb",
        "https://logs.example/#fragment",
        "https://:password@logs.example",
        "https://user:two%0Alines@logs.example",
        "forward://user:key@logs.example",
        "forward://logs.example/path",
        "syslog://user:key@logs.example",
        "syslog://logs.example/path",
    ],
)
def test_what_is_no_target_is_refused(given: str) -> None:
    with pytest.raises(InvalidLabel):
        read(log_forwarding_target=given)


@pytest.mark.parametrize("target", [HTTPS, "forward://:key@logs.example", "syslog://logs.example"])
def test_every_output_speaks_tls_and_checks_who_answers(target: str) -> None:
    outputs = pipeline(target)["outputs"]

    assert [{**one, **TLS} == one for one in outputs] == [True, True, True]


def test_credentials_are_in_the_secret_alone_and_as_they_are() -> None:
    one = objects.addon(NAME, {"log_forwarding_target": HTTPS})
    secret = objects.found(one, "Secret")["data"]
    others = json.dumps([item for item in one.objects if item["kind"] != "Secret"])

    assert {name: base64.b64decode(value).decode() for name, value in secret.items()} == {
        "user": "user",
        "password": 'p"a${NODE_NAME}s',
    }
    assert 'p\\"a' not in others and "p%22a" not in others


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (HTTPS, {"http_user": "${LOG_FORWARDING_USER}", "http_passwd": "${LOG_FORWARDING_PASSWORD}", "uri": "/in?a=b"}),
        ("https://logs.example", {"uri": "/"}),
        ("forward://:key@logs.example", {"shared_key": "${LOG_FORWARDING_PASSWORD}"}),
    ],
)
def test_fluent_bit_is_told_of_credentials_only_where_there_are_some(target: str, expected: Mapping[str, str]) -> None:
    output = pipeline(target)["outputs"][0]
    found = {name: output[name] for name in ("http_user", "http_passwd", "uri", "shared_key") if name in output}

    assert found == expected


def test_sources_are_those_that_the_label_names() -> None:
    found = pipeline("syslog://logs.example", log_forwarding_sources="audit, journal")

    assert [one["tag"] for one in found["inputs"]] == ["journal.*", "audit"]
    assert [one["match"] for one in found["outputs"]] == ["journal.*", "audit"]
    assert [one["syslog_message_key"] for one in found["outputs"]] == ["message", "log"]


@pytest.mark.parametrize("given", ["", "files", "audit/journal", "audit,$(id)"])
def test_sources_that_there_are_not_are_refused(given: str) -> None:
    with pytest.raises(InvalidLabel):
        read(log_forwarding_sources=given)


def test_every_unit_of_ours_is_heard() -> None:
    (journal,) = (one for one in pipeline("syslog://logs.example")["inputs"] if one["name"] == "systemd")
    units = {path.name for path in node_files.NODE.glob("units/*/*.service")}
    heard = {word.removeprefix("_SYSTEMD_UNIT=") for word in journal["systemd_filter"] if "UNIT=" in word}

    assert set(components.READY) <= {name.removesuffix(".service") for name in heard}
    assert units <= heard


def test_the_audit_is_read_where_the_api_server_writes_it() -> None:
    (audit,) = (one for one in pipeline("syslog://logs.example")["inputs"] if one["tag"] == "audit")

    assert f"--audit-log-path={audit['path']} " in node_files.unit("kube-apiserver")


def test_an_authority_is_a_file_beside_the_configuration() -> None:
    one = objects.addon(NAME, {"log_forwarding_target": "syslog://logs.example", "log_forwarding_ca": AUTHORITY})
    data = objects.found(one, "ConfigMap")["data"]
    outputs = json.loads(data["fluent-bit.yaml"])["pipeline"]["outputs"]

    assert data["authority.crt"] == base64.b64decode(AUTHORITY).decode()
    assert {output["tls.ca_file"] for output in outputs} == {"/settings/authority.crt"}


def test_only_certificates_come_out_of_a_label_with_certificates() -> None:
    pair = x509.new_ca("logs", organization="o", unit="u", days=2)
    given = base64.b64encode(b"comment\n" + pair.to_pem()).decode()

    assert read(log_forwarding_ca=given)["log_forwarding_ca"] == pair.certificate_pem


@pytest.mark.parametrize("given", ["no base64", base64.b64encode(b"no certificate").decode(), "-----BEGIN"])
def test_an_authority_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(InvalidLabel):
        read(log_forwarding_ca=given)


@pytest.mark.parametrize("target", [HTTPS, "forward://:key@logs.example", "syslog://logs.example"])
def test_fluent_bit_itself_takes_the_configuration(target: str, tmp_path: Path) -> None:
    program = shutil.which("fluent-bit")
    if program is None:
        pytest.skip("fluent-bit is not installed, and Debian 12 has none")
    one = objects.addon(NAME, {"log_forwarding_target": target})
    path = tmp_path / "fluent-bit.yaml"
    path.write_text(objects.found(one, "ConfigMap")["data"][path.name])
    done = subprocess.run([program, f"--config={path}", "--dry-run"], capture_output=True, text=True, timeout=60)

    assert "configuration test is successful" in done.stdout + done.stderr
    assert done.returncode == 0
