# SPDX-License-Identifier: Apache-2.0
"""Stacks are found, adopted and made by name, and what Heat answers becomes an error of ours."""

import datetime
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1 import session, token_endpoint

from magnum_lite import errors
from magnum_lite.heat.stacks import Reading, Stacks, name_of

NAME = "k8s-0123456789ab"


class Heat(http.server.ThreadingHTTPServer):
    """Answers each method and path with what a test says, in order; the last answer is given again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.asked: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.silent = threading.Event()

    def says(self, request: str, *answers: tuple[int, Any]) -> None:
        self.answers[request] = list(answers)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Heat

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = f"{self.command} {self.path.partition('?')[0]}"
        self.server.asked.append(request)
        if body:
            self.server.bodies.append(json.loads(body))
        known = self.server.answers[request]
        status, answer = known.pop(0) if len(known) > 1 else known[0]
        if status == 0:
            self.server.silent.wait(5)
            return
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing: tests look at what was asked."""


@pytest.fixture
def heat() -> Iterator[Heat]:
    server = Heat()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.silent.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def stacks(heat: Heat) -> Stacks:
    auth = token_endpoint.Token(f"http://127.0.0.1:{heat.server_port}", "token")
    return Stacks(session.Session(auth=auth, timeout=0.5))


def a_stack(status: str = "CREATE_IN_PROGRESS", **given: Any) -> dict[str, Any]:
    return {"stack": {"id": "id-1", "stack_name": NAME, "stack_status": status, "stack_status_reason": "", **given}}


def refusal(status: int, message: str) -> tuple[int, Any]:
    return status, {"code": status, "title": "", "explanation": "", "error": {"message": message, "type": "X"}}


def ensure(stacks: Stacks) -> Reading:
    return stacks.ensure(NAME, template="{}", files={"a.yaml": "{}"}, parameters={"p": {"q": 1}}, minutes=60)


def test_a_stack_that_is_there_is_adopted_and_nothing_is_sent(heat: Heat, stacks: Stacks) -> None:
    heat.says(
        f"GET /stacks/{NAME}", (200, a_stack("CREATE_COMPLETE", outputs=[{"output_key": "a", "output_value": 1}]))
    )

    assert ensure(stacks) == Reading("id-1", "CREATE", "COMPLETE", "", {"a": 1})
    assert heat.asked == [f"GET /stacks/{NAME}"]


def test_a_stack_that_is_not_there_is_made_and_stays_when_it_fails(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"GET /stacks/{NAME}", refusal(404, "no such stack"))
    heat.says("POST /stacks", (201, {"stack": {"id": "id-2", "links": []}}))

    assert ensure(stacks).stack_id == "id-2"
    assert heat.bodies[0] == {
        "stack_name": NAME,
        "template": "{}",
        "files": {"a.yaml": "{}"},
        "parameters": {"p": {"q": 1}},
        "timeout_mins": 60,
        "disable_rollback": True,
        "tags": "magnum-lite",
    }


def test_a_stack_that_another_conductor_made_meanwhile_is_adopted(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"GET /stacks/{NAME}", refusal(404, "no such stack"), (200, a_stack()))
    heat.says("POST /stacks", refusal(409, "The Stack already exists."))

    assert ensure(stacks).stack_id == "id-1"


def update(stacks: Stacks) -> None:
    stacks.update(NAME, stack_id="id-1", template="{}", files={"a.yaml": "{}"}, parameters={"p": 1}, minutes=60)


def test_an_update_says_everything_anew(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"PUT /stacks/{NAME}/id-1", (202, None))

    update(stacks)

    assert heat.bodies == [
        {
            "template": "{}",
            "files": {"a.yaml": "{}"},
            "parameters": {"p": 1},
            "timeout_mins": 60,
            "disable_rollback": True,
            "tags": "magnum-lite",
        }
    ]


def test_an_update_while_something_else_goes_on_is_no_error(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"PUT /stacks/{NAME}/id-1", refusal(409, "Stack already has an action (UPDATE) in progress."))

    update(stacks)

    assert heat.asked == [f"PUT /stacks/{NAME}/id-1"]


def test_an_update_that_heat_refuses_has_its_sentence(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"PUT /stacks/{NAME}/id-1", refusal(400, "Property error: the flavor is unknown"))

    with pytest.raises(errors.StackFailed, match=r"updating stack .*: Property error: the flavor is unknown$"):
        update(stacks)


def test_the_parameters_of_the_last_wish_are_read(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"GET /stacks/{NAME}", (200, a_stack(parameters={"members": "a1", "workers": "******"})))

    found = stacks.observe(NAME)

    assert found is not None
    assert found.parameters == {"members": "a1", "workers": "******"}


def test_a_template_that_heat_refuses_is_final_and_has_its_sentence(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"GET /stacks/{NAME}", refusal(404, "no such stack"))
    heat.says("POST /stacks", refusal(400, "Property error: the flavor\nis unknown"))

    with pytest.raises(errors.StackFailed, match=r"creating stack .*: Property error: the flavor is unknown$"):
        ensure(stacks)


@pytest.mark.parametrize(
    ("answer", "kind", "retriable"),
    [
        (refusal(500, "Remote error"), errors.CloudError, True),
        ((502, b"<html>bad gateway</html>"), errors.CloudError, True),
        (refusal(429, "slow down"), errors.CloudError, True),
        (refusal(409, "an action is in progress"), errors.CloudConflict, True),
        (refusal(403, "You have reached the maximum stacks per tenant"), errors.CloudForbidden, False),
        ((0, None), errors.CloudError, True),
    ],
)
def test_what_heat_answers_becomes_an_error_of_ours(
    heat: Heat, stacks: Stacks, answer: tuple[int, Any], kind: type[errors.CloudError], retriable: bool
) -> None:
    heat.says(f"GET /stacks/{NAME}", answer)

    with pytest.raises(kind) as caught:
        stacks.observe(NAME)

    assert (caught.value.service, caught.value.retriable) == ("heat", retriable)


def test_a_refused_connection_may_pass(heat: Heat) -> None:
    auth = token_endpoint.Token("http://127.0.0.1:1", "token")

    with pytest.raises(errors.CloudError) as caught:
        Stacks(session.Session(auth=auth, timeout=0.5)).observe(NAME)

    assert caught.value.retriable


@pytest.mark.parametrize("answer", [refusal(404, "gone"), (200, a_stack("DELETE_COMPLETE"))])
def test_a_deleted_stack_is_none(heat: Heat, stacks: Stacks, answer: tuple[int, Any]) -> None:
    heat.says(f"GET /stacks/{NAME}", answer)

    assert stacks.observe(NAME) is None


def test_a_stack_whose_id_is_known_is_asked_for_with_it_so_that_nothing_is_redirected(
    heat: Heat, stacks: Stacks
) -> None:
    heat.says(f"GET /stacks/{NAME}/id-1", (200, a_stack()))
    heat.says(f"DELETE /stacks/{NAME}/id-1", (204, None))

    assert stacks.observe(NAME, stack_id="id-1") is not None
    stacks.remove(NAME, stack_id="id-1")
    assert heat.asked == [f"GET /stacks/{NAME}/id-1", f"DELETE /stacks/{NAME}/id-1"]


def test_removing_a_stack_that_is_gone_is_well(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"DELETE /stacks/{NAME}", refusal(404, "gone"))

    stacks.remove(NAME)

    assert heat.asked == [f"DELETE /stacks/{NAME}"]


def test_only_failed_removals_of_the_stack_itself_since_then_are_counted(heat: Heat, stacks: Stacks) -> None:
    def event(name: str, status: str, time: str) -> dict[str, str]:
        return {"id": time + name, "resource_name": name, "resource_status": status, "event_time": time}

    events = [
        event(NAME, "DELETE_FAILED", "2026-11-22T10:00:00"),
        event(NAME, "DELETE_FAILED", "2026-11-22T12:00:00Z"),
        event("network", "DELETE_FAILED", "2026-11-22T12:00:00Z"),
        event(NAME, "CREATE_FAILED", "2026-11-22T12:00:00Z"),
    ]
    heat.says(f"GET /stacks/{NAME}/events", (200, {"events": events}))

    assert stacks.failed_removals(NAME, None) == 2
    assert stacks.failed_removals(NAME, datetime.datetime(2026, 11, 22, 11, tzinfo=datetime.UTC)) == 1


def test_the_cause_is_found_with_two_calls(heat: Heat, stacks: Stacks) -> None:
    heat.says(f"GET /stacks/{NAME}", (200, a_stack("CREATE_FAILED", stack_status_reason="Resource CREATE failed")))
    resource = {
        "resource_name": "kube-master",
        "resource_type": "OS::Nova::Server",
        "resource_status": "CREATE_FAILED",
        "resource_status_reason": "ResourceInError: resources.kube-master: No valid host",
    }
    heat.says(f"GET /stacks/{NAME}/id-1/resources", (200, {"resources": [resource]}))

    assert stacks.diagnose(NAME) == "OS::Nova::Server kube-master failed: No valid host"
    assert len(heat.asked) == 2


@pytest.mark.parametrize(
    ("cluster", "stack"),
    [
        ("k8s", "k8s-0123456789ab"),
        ("My_Cluster.with.a.very-long-name", "my-cluster-with-a-ve-0123456789ab"),
        ("4ever", "k8s-4ever-0123456789ab"),
        ("é$(rm)", "rm-0123456789ab"),
        ("...", "k8s-0123456789ab"),
    ],
)
def test_a_name_is_what_heat_allows_and_has_the_uuid_in_it(cluster: str, stack: str) -> None:
    assert name_of(cluster, "01234567-89ab-cdef-0123-456789abcdef") == stack


def test_what_heat_would_not_read_is_not_sent(heat: Heat) -> None:
    auth = token_endpoint.Token(f"http://127.0.0.1:{heat.server_port}", "token")
    stacks = Stacks(session.Session(auth=auth, timeout=0.5), most_bytes=100)
    heat.says(f"GET /stacks/{NAME}", refusal(404, "no such stack"))

    with pytest.raises(errors.StackFailed, match=r"takes \d+ bytes to describe and Heat reads 100 .* fewer nodes"):
        ensure(stacks)
    assert heat.asked == [f"GET /stacks/{NAME}"]
