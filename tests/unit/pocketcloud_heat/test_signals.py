# SPDX-License-Identifier: Apache-2.0
"""Wait conditions, and the signals that end them."""

import pytest

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat.resources import waiting
from magnum_lite.pocketcloud.heat.stack import Stack
from tests.unit.pocketcloud_heat.heat import Heat

WAITING = """
parameters: {count: {type: number, default: 1}}
resources:
  handle: {type: OS::Heat::WaitConditionHandle}
  wait:
    type: OS::Heat::WaitCondition
    properties: {handle: {get_resource: handle}, timeout: 300, count: {get_param: count}}
outputs:
  data: {value: {get_attr: [wait, data]}}
  endpoint: {value: {get_attr: [handle, endpoint]}}
  token: {value: {get_attr: [handle, token]}}
  curl: {value: {get_attr: [handle, curl_cli]}}
"""
DEPLOYED = """
resources:
  deployed: {type: OS::Heat::SoftwareDeployment, properties: {config: any, server: any, signal_transport: HEAT_SIGNAL}}
outputs:
  said: {value: {get_attr: [deployed, deploy_stdout]}}
"""


@pytest.fixture
def stack(heat: Heat) -> Stack:
    """Give a stack that waits for one signal."""
    made = heat.begin(WAITING)
    heat.clock.move(1)
    return made


def test_a_signal_ends_the_wait_at_once(heat: Heat, stack: Stack) -> None:
    heat.engine.signal(stack.resources["handle"], {"status": "SUCCESS", "id": "n1", "data": "up", "reason": "ready"})
    heat.settle(stack)

    assert stack.state == "CREATE_COMPLETE"
    assert heat.output(stack, "data") == {"n1": "up"}
    assert heat.clock.now == pytest.approx(1)
    assert "SIGNAL_COMPLETE" in [event.status for event in stack.events]


def test_a_signal_of_failure_fails_the_stack_with_its_reason(heat: Heat, stack: Stack) -> None:
    heat.engine.signal(stack.resources["handle"], {"status": "FAILURE", "reason": "etcd did not start"})
    heat.settle(stack)

    assert stack.reason == "Resource CREATE failed: WaitConditionFailure: resources.wait: etcd did not start"


def test_a_wait_ends_when_its_time_is_up(heat: Heat, stack: Stack) -> None:
    heat.settle(stack)

    assert stack.reason == "Resource CREATE failed: WaitConditionTimeout: resources.wait: 0 of 1 received"
    assert heat.clock.now == pytest.approx(300, abs=1)


def test_a_wait_counts_different_signals(heat: Heat) -> None:
    stack = heat.begin(WAITING, parameters={"count": 2})
    heat.clock.move(1)
    handle = stack.resources["handle"]

    heat.engine.signal(handle, {"id": "one"})
    heat.engine.signal(handle, {"id": "one"})
    heat.clock.move(1)
    is_waiting = stack.is_busy
    heat.engine.signal(handle, {"id": "two"})
    heat.settle(stack)

    assert (is_waiting, stack.state) == (True, "CREATE_COMPLETE")


def test_a_handle_tells_where_to_signal_and_with_which_token(heat: Heat, stack: Stack) -> None:
    place = f"/orchestration/v1/{heat.scope.project_id}/stacks/stack/{stack.id}/resources/handle/signal"
    token = heat.output(stack, "token")

    assert heat.output(stack, "endpoint") == heat.cloud.settings.url + place
    assert token in heat.output(stack, "curl")
    assert waiting.may_signal(stack.resources["handle"], token)
    assert not waiting.may_signal(stack.resources["handle"], "")
    assert not waiting.may_signal(stack.resources["wait"], "")


def test_an_unknown_status_is_refused(heat: Heat, stack: Stack) -> None:
    with pytest.raises(CloudFault, match="status: 'MAYBE' is not one of SUCCESS, FAILURE"):
        heat.engine.signal(stack.resources["handle"], {"status": "MAYBE"})


def test_what_cannot_be_signalled_says_so(heat: Heat, stack: Stack) -> None:
    with pytest.raises(CloudFault, match="of type OS::Heat::WaitCondition cannot be signalled"):
        heat.engine.signal(stack.resources["wait"], {})


@pytest.mark.parametrize(("code", "state"), [(0, "CREATE_COMPLETE"), ("3", "CREATE_FAILED")])
def test_a_deployment_ends_with_what_the_server_reports(heat: Heat, code: object, state: str) -> None:
    stack = heat.begin(DEPLOYED)
    heat.clock.move(1)

    heat.engine.signal(stack.resources["deployed"], {"deploy_status_code": code, "deploy_stdout": "done"})
    heat.settle(stack)

    assert stack.state == state
    assert heat.output(stack, "said") == "done"
