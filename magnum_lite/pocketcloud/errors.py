# SPDX-License-Identifier: Apache-2.0
"""What a service of the pocket cloud raises when it refuses or breaks."""


class CloudFault(Exception):
    """A refusal or a breakdown with its HTTP status, the sentence the service says, and the service's name for it.

    `kind` is the word a service puts beside the sentence ("NetworkInUse", "StackValidationFailed"); it may be empty.
    Each service's error body is made from it in fault_bodies.
    """

    def __init__(self, status: int, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind


def bad_request(message: str, kind: str = "") -> CloudFault:
    """Make the fault for input that is wrong."""
    return CloudFault(400, message, kind)


def forbidden(message: str, kind: str = "") -> CloudFault:
    """Make the fault for a caller who may not, or may have no more."""
    return CloudFault(403, message, kind)


def not_found(message: str, kind: str = "") -> CloudFault:
    """Make the fault for what is not there, or not visible to the caller."""
    return CloudFault(404, message, kind)


def conflict(message: str, kind: str = "") -> CloudFault:
    """Make the fault for what cannot be done in the present state."""
    return CloudFault(409, message, kind)
