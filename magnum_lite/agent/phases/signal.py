# SPDX-License-Identifier: Apache-2.0
"""The phase in which the first master tells Heat's wait condition how it went, once for each handle."""

import hashlib
import logging

from magnum_lite.agent.boot import Boot, Handle
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import CallFailed
from magnum_lite.agent.state import State
from magnum_lite.agent.web import Call, Trust, send

LOG = logging.getLogger(__name__)
SIGNAL_SECONDS = 10.0
SUCCESS = "SUCCESS"
FAILURE = "FAILURE"


def tell(status: str, reason: str, *, boot: Boot, disk: Disk, state: State) -> None:
    """Tell Heat ``SUCCESS`` or ``FAILURE``, unless it has been told so or has been told of the success before.

    Heat keeps one signal for each id, so that one sent again after a cut changes nothing.
    """
    if boot.handle is None:
        return
    key = hashlib.sha256(boot.handle.url.encode()).hexdigest()
    if state.signalled.get(key) in {status, SUCCESS}:
        return
    trust = Trust(boot.cluster.api_ca, is_system_trusted=True)
    _post(boot.handle, {"status": status, "reason": reason, "data": "", "id": boot.node.node}, trust)
    state.signalled = {key: status}
    state.save(disk)
    LOG.info("Heat is told %s", status)


def _post(handle: Handle, signal: dict[str, str], trust: Trust) -> None:
    call = Call("POST", handle.url, {"X-Auth-Token": handle.token}, signal)
    answer = send(call, trust, timeout=SIGNAL_SECONDS)
    if answer.status >= 300:
        raise CallFailed(f"Heat answers {answer.status} to the signal", answer.status)
