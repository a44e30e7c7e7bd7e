# SPDX-License-Identifier: Apache-2.0
"""Every error of the project, each with its HTTP code and its slug."""


class MagnumLiteError(Exception):
    """Any error we raise on purpose; its text is one sentence for the person who asked."""

    code = 500
    slug = "internal-error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(MagnumLiteError):
    code = 400
    slug = "bad-request"


class InvalidField(BadRequest):
    """A field of a request has a value that is not allowed.

    The sentence names the field, the value as given and what is allowed.
    """

    slug = "invalid-field"

    def __init__(self, field: str, value: object, allowed: str) -> None:
        shown = repr(value)
        shown = shown if len(shown) <= 100 else f"{shown[:97]}..."
        super().__init__(f"Invalid value {shown} for {field}: {allowed}")
        self.field = field


class NotSupported(BadRequest):
    """The cluster's driver cannot do what is asked for, in whatever state the cluster is."""

    slug = "not-supported"


class InvalidLabel(InvalidField):
    slug = "invalid-label"

    def __init__(self, label: str, value: object, allowed: str) -> None:
        super().__init__(f"label {label}", value, allowed)


class InvalidCSR(BadRequest):
    """A certificate signing request that is malformed or asks for what its sender may not have."""

    slug = "invalid-csr"


class Unauthorized(MagnumLiteError):
    code = 401
    slug = "unauthorized"


class Forbidden(MagnumLiteError):
    code = 403
    slug = "forbidden"


class QuotaExceeded(Forbidden):
    slug = "quota-exceeded"


class NotFound(MagnumLiteError):
    """A resource of ours, or one a request names, does not exist."""

    code = 404
    slug = "not-found"

    def __init__(self, kind: str, ident: str) -> None:
        super().__init__(f"{kind} {ident} could not be found")
        self.kind = kind
        self.ident = ident


class NotAcceptable(MagnumLiteError):
    code = 406
    slug = "not-acceptable"


class Conflict(MagnumLiteError):
    code = 409
    slug = "conflict"


class InvalidNodegroup(Conflict):
    """Numbers, labels or taints of a nodegroup that do not go together (Magnum answers these with 409)."""

    slug = "invalid-nodegroup"


class DocumentNotReady(Conflict):
    """A node asks for its document or a certificate before its addresses are known: it may ask again."""

    slug = "node-document-not-ready"


class TooLarge(MagnumLiteError):
    code = 413
    slug = "request-too-large"


class ServiceUnavailable(MagnumLiteError):
    """A service we depend on does not answer now; the same request may work later."""

    code = 503
    slug = "service-unavailable"


class ConfigurationError(MagnumLiteError):
    """The operator's configuration cannot work."""

    slug = "configuration-error"


class CloudError(ServiceUnavailable):
    """A cloud service refused or failed a call.

    ``retriable`` says whether the same call may work later (a 5xx, a timeout, a refused connection).
    """

    slug = "cloud-error"

    def __init__(self, service: str, message: str, *, retriable: bool) -> None:
        super().__init__(f"{service}: {message}")
        self.service = service
        self.retriable = retriable


class CloudNotFound(CloudError):
    slug = "cloud-not-found"

    def __init__(self, service: str, message: str) -> None:
        super().__init__(service, message, retriable=False)


class CloudForbidden(CloudError):
    slug = "cloud-forbidden"

    def __init__(self, service: str, message: str) -> None:
        super().__init__(service, message, retriable=False)


class CloudConflict(CloudError):
    """The service is busy with the thing, or it is in use: look again later."""

    slug = "cloud-conflict"

    def __init__(self, service: str, message: str) -> None:
        super().__init__(service, message, retriable=True)


class ClusterFailed(MagnumLiteError):
    """A cluster cannot be completed; the sentence names the failing resource and its cause."""

    slug = "cluster-failed"


class TrustLost(ClusterFailed):
    """A cluster has no trust by which it could act for its requester."""

    slug = "trust-lost"


class StackFailed(ClusterFailed):
    slug = "stack-failed"


class NodeFailed(ClusterFailed):
    slug = "node-failed"


class TimedOut(ClusterFailed):
    slug = "timed-out"


class ReservationLost(MagnumLiteError):
    """Another conductor holds the cluster now, so this one must not write any more."""

    slug = "reservation-lost"


def revive(slug: str, message: str) -> MagnumLiteError:
    """Give the error that another process told us of by its slug and sentence."""
    for kind in _kinds(MagnumLiteError):
        if kind.slug == slug:
            error = kind.__new__(kind)
            MagnumLiteError.__init__(error, message)
            return error
    return MagnumLiteError(message)


def _kinds(kind: type[MagnumLiteError]) -> list[type[MagnumLiteError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _kinds(child))]
