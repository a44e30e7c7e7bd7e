# SPDX-License-Identifier: Apache-2.0
"""Every error of the agent, each a sentence for the person who looks after the node."""

from __future__ import annotations

from collections.abc import Sequence


class AgentError(Exception):
    """Something did not work; ``is_final`` says that trying the same again cannot help."""

    is_final = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadBootFile(AgentError):
    """The files that the node booted with are missing or broken."""

    is_final = True


class BadDocument(AgentError):
    """The node document asks for what no node can be."""

    is_final = True


class CallFailed(AgentError):
    """A server did not answer, or refused: ``status`` is its HTTP code, ``None`` when there was no answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.is_final = status is not None and status < 500 and status not in {408, 409, 425, 429}


class Unchangeable(CallFailed):
    """Kubernetes refuses an object because of a field that never changes: only another object can have it."""


class NotReady(CallFailed):
    """Our API does not know enough yet to answer; it soon will."""


class NodeRemoved(CallFailed):
    """Our API does not know this node, or not with this token: the node or its cluster was removed."""


class BadCertificate(AgentError):
    """A certificate is not the one that was asked for."""


class HostFailed(AgentError):
    """The host could not do what was asked."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class AddonsFailed(AgentError):
    """Some addons could not be brought to what the document says; ``failures`` are their names and errors."""

    def __init__(self, failures: Sequence[tuple[str, AgentError]]) -> None:
        super().__init__("; ".join(f"addon {name}: {error.message}" for name, error in failures))
        self.is_final = all(error.is_final for _, error in failures)
