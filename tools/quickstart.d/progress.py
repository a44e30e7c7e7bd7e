# SPDX-License-Identifier: Apache-2.0
"""The cluster while it is being made: redrawn on a terminal, a line for each change elsewhere."""

import sys
import time
from typing import Any

from customer import Customer
from failure import QuickstartFailed

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 600.0
OPEN = ("pending", "running")


def watch(customer: Customer, uuid: str) -> str:
    """Show what happens until the cluster is made or has failed, and give its status."""
    started = time.monotonic()
    screen = Screen(live=sys.stdout.isatty())
    while True:
        cluster = customer.get(f"/clusters/{uuid}")
        operations = customer.get(f"/clusters/{uuid}/operations")["operations"]
        nodes = customer.get(f"/clusters/{uuid}/nodes")["nodes"]
        status = str(cluster["status"])
        screen.draw(time.monotonic() - started, _headline(status, operations), nodes)
        if not status.endswith("_IN_PROGRESS"):
            screen.finish(cluster.get("status_reason"))
            return status
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise QuickstartFailed(f"The cluster is still {status} after {PATIENCE_SECONDS:.0f} seconds.")
        time.sleep(POLL_SECONDS)


def _headline(status: str, operations: list[dict[str, Any]]) -> str:
    stage = next((operation["step"] for operation in operations if operation["state"] in OPEN), None)
    return f"{status}: {stage.replace('_', ' ')}" if stage else status


class Screen:
    """What is shown now, so that only news is printed."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._drawn = 0
        self._shown = ""

    def draw(self, seconds: float, headline: str, nodes: list[dict[str, Any]]) -> None:
        """Show the stage and the nodes."""
        if self._live:
            lines = [f"{seconds:5.1f} s  {headline}"]
            lines += [f"         {node['name']:<32} {node['role']:<8} {node['state']}" for node in nodes]
            self._redraw(lines)
            return
        news = f"{headline}  ({_counts(nodes)})"
        if news != self._shown:
            print(f"{seconds:5.1f} s  {news}", flush=True)
            self._shown = news

    def finish(self, reason: str | None) -> None:
        """Say why it ended as it did, where there is a reason."""
        if reason:
            print(f"         {reason}", flush=True)

    def _redraw(self, lines: list[str]) -> None:
        back = f"\033[{self._drawn}F" if self._drawn else ""
        sys.stdout.write(back + "".join(f"\033[K{line}\n" for line in lines))
        sys.stdout.flush()
        self._drawn = len(lines)


def _counts(nodes: list[dict[str, Any]]) -> str:
    roles = {node["role"]: [other for other in nodes if other["role"] == node["role"]] for node in nodes}
    return ", ".join(
        f"{sum(node['state'] == 'ready' for node in members)} of {len(members)} {role}s ready"
        for role, members in roles.items()
    )
