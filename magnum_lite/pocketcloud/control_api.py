# SPDX-License-Identifier: Apache-2.0
"""The control of the pocket cloud itself, which no OpenStack has: faults, counts of calls, leftovers and agents."""

import dataclasses

from magnum_lite.pocketcloud import faults, leftovers
from magnum_lite.pocketcloud.web import Answer, Request, Route


def routes() -> list[Route]:
    """Give the routes below /pocket; none needs a token."""
    return [
        Route("GET", "/health", get_health, open=True),
        Route("GET", "/faults", list_faults, open=True),
        Route("POST", "/faults", create_fault, open=True),
        Route("DELETE", "/faults", delete_faults, open=True),
        Route("DELETE", "/faults/<ident>", delete_fault, open=True),
        Route("GET", "/calls", list_calls, open=True),
        Route("DELETE", "/calls", reset_calls, open=True),
        Route("GET", "/leftovers", get_leftovers, open=True),
        Route("GET", "/agents", list_agents, open=True),
    ]


def get_health(request: Request) -> Answer:
    """Say that the cloud answers."""
    return Answer(200, {"healthy": True, "servers": len(request.cloud.compute.servers)})


def list_faults(request: Request) -> Answer:
    """List the faults that are on."""
    return Answer(200, {"faults": request.cloud.faults.list_()})


def create_fault(request: Request) -> Answer:
    """Switch a fault on; running agents that an agent-dies fault hits are killed at once."""
    fault = request.cloud.faults.add(faults.parse(request.json))
    if fault.kind == "agent-dies" and fault.seconds is None:
        request.cloud.nodes.strike()
    return Answer(201, {"fault": dataclasses.asdict(fault)})


def delete_faults(request: Request) -> Answer:
    """Switch all faults off."""
    request.cloud.faults.clear()
    return Answer(204)


def delete_fault(request: Request) -> Answer:
    """Switch one fault off."""
    request.cloud.faults.clear(request.args["ident"])
    return Answer(204)


def list_calls(request: Request) -> Answer:
    """Count the requests since the start or the last reset, by service, method and route."""
    with request.cloud.lock:
        calls = dict(request.cloud.calls.most_common())
    return Answer(200, {"total": sum(calls.values()), "calls": calls})


def reset_calls(request: Request) -> Answer:
    """Count from zero again."""
    with request.cloud.lock:
        request.cloud.calls.clear()
    return Answer(204)


def get_leftovers(request: Request) -> Answer:
    """Count what is there beyond what the cloud came with, in a project (by name or id) or in all."""
    named = request.first("project")
    project = request.cloud.identity.projects.find(named)["id"] if named else ""
    return Answer(200, {"leftovers": leftovers.count(request.cloud, project)})


def list_agents(request: Request) -> Answer:
    """List the agents that run."""
    running = request.cloud.nodes.running()
    found = [
        {"pid": node.pid, "node": node.name, "server_id": node.server_id, "root": str(node.root)} for node in running
    ]
    return Answer(200, {"agents": found})
