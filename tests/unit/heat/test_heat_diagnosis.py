# SPDX-License-Identifier: Apache-2.0
"""A failed stack is explained by the resource that failed first, not by those that were stopped because of it."""

from typing import Any

import pytest

from magnum_lite.heat import diagnosis

ROOT = "http://127.0.0.1/stacks/root/1"
MASTERS = "http://127.0.0.1/stacks/masters/2"
MEMBER = "http://127.0.0.1/stacks/member/3"
PATH = "resources.kube_masters.resources[0].resources.kube-master"
WHY = f'ResourceInError: {PATH}: Went to status ERROR due to "No valid host"'


def row(name: str, kind: str, reason: str = "", *, stack: str, **given: Any) -> diagnosis.Resource:
    links = [{"rel": "stack", "href": stack}]
    if "nested" in given:
        links.append({"rel": "nested", "href": given["nested"]})
    return diagnosis.Resource.of(
        {
            "resource_name": name,
            "resource_type": kind,
            "resource_status": given.get("status", "CREATE_FAILED"),
            "resource_status_reason": reason,
            "updated_time": given.get("updated", "2026-11-22T12:00:00Z"),
            "links": links,
        }
    )


def test_the_deepest_failed_resource_is_named_with_its_path_and_cause() -> None:
    rows = [
        row("kube_masters", "masters.yaml", f"Resource CREATE failed: {WHY}", stack=ROOT, nested=MASTERS),
        row("0", "master.yaml", f"Resource CREATE failed: {WHY}", stack=MASTERS, nested=MEMBER),
        row("kube-master", "OS::Nova::Server", WHY, stack=MEMBER),
        row("network", "network.yaml", stack=ROOT, status="CREATE_COMPLETE"),
    ]

    assert diagnosis.sentence(rows, otherwise="") == (
        'OS::Nova::Server kube_masters/0/kube-master failed: Went to status ERROR due to "No valid host"'
    )


def test_what_was_stopped_because_of_another_failure_is_not_blamed() -> None:
    rows = [
        row("worker_group", "OS::Neutron::SecurityGroup", "CREATE aborted", stack=ROOT, updated="2026-11-22T11:00:00Z"),
        row("port", "OS::Neutron::Port", "OverQuotaClient: resources.port: Quota exceeded", stack=ROOT),
    ]

    assert diagnosis.sentence(rows, otherwise="") == "OS::Neutron::Port port failed: Quota exceeded"


def test_of_two_failures_the_first_is_named() -> None:
    rows = [
        row("b", "OS::Neutron::Port", "late", stack=ROOT, updated="2026-11-22T12:00:09Z"),
        row("a", "OS::Neutron::Port", "early", stack=ROOT, updated="2026-11-22T12:00:01Z"),
    ]

    assert diagnosis.sentence(rows, otherwise="") == "OS::Neutron::Port a failed: early"


def test_without_a_failed_resource_the_stack_itself_speaks() -> None:
    assert diagnosis.sentence([], otherwise="Timed out") == "Timed out"


@pytest.mark.parametrize(
    "reason",
    [
        'network.yaml network failed: (pymysql.err.OperationalError) (2003, "Can\'t connect to MySQL server")',
        "OS::Nova::Server kube_masters/0/kube-master failed: ConnectFailure: Unable to establish connection to x",
        "OS::Neutron::Port port failed: MessagingTimeout: Timed out waiting for a reply to message ID 1",
        "OS::Cinder::Volume boot_volume failed: ClientException: Service Unavailable (HTTP 503)",
    ],
)
def test_what_was_away_may_be_back(reason: str) -> None:
    assert diagnosis.is_passing(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "OS::Nova::Server kube-minion failed: Forbidden: Quota exceeded for cores (HTTP 403)",
        "OS::Nova::Server kube-minion failed: No valid host was found. There are not enough hosts available.",
        "WaitConditionTimeout: resources.control_plane_ready: 0 of 1 received",
    ],
)
def test_what_the_stack_asks_for_does_not_pass(reason: str) -> None:
    assert not diagnosis.is_passing(reason)
