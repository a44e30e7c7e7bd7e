# SPDX-License-Identifier: Apache-2.0
"""What goes wrong when Heat is called, in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from heatclient import exc
from keystoneauth1 import exceptions as ksa

from magnum_lite import errors

SERVICE = "heat"


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what heatclient and keystoneauth raise while ``doing`` something into errors of ours."""
    try:
        yield
    except exc.HTTPNotFound as error:
        raise errors.CloudNotFound(SERVICE, f"{doing}: {sentence(error)}") from error
    except (exc.HTTPConflict, ksa.Conflict) as error:
        raise errors.CloudConflict(SERVICE, f"{doing}: {sentence(error)}") from error
    except (exc.HTTPForbidden, exc.HTTPUnauthorized, ksa.Forbidden, ksa.Unauthorized) as error:
        raise errors.CloudForbidden(SERVICE, f"{doing}: {sentence(error)}") from error
    except (exc.HTTPBadRequest, exc.HTTPOverLimit) as error:
        raise errors.StackFailed(f"{SERVICE}: {doing}: {sentence(error)}") from error
    except exc.HTTPException as error:
        passing = str(error.code).startswith("5") or error.code in (408, 425, 429)
        raise errors.CloudError(SERVICE, f"{doing}: {sentence(error)}", retriable=passing) from error
    except (exc.BaseException, ksa.ClientException) as error:
        raise errors.CloudError(SERVICE, f"{doing}: {error}", retriable=_passing(error)) from error


def sentence(error: Exception) -> str:
    """Give Heat's own message without its HTTP clothes."""
    body = getattr(error, "error", None)
    inner = body.get("error") if isinstance(body, dict) else None
    message = inner.get("message") if isinstance(inner, dict) else None
    return " ".join(str(message or error).split()).removeprefix("ERROR: ")


def _passing(error: Exception) -> bool:
    """A refused connection, a timeout or a 5xx may pass; a missing endpoint or a broken answer may not."""
    status = getattr(error, "http_status", 0) or 0
    return status >= 500 or isinstance(error, ksa.RetriableConnectionFailure | exc.CommunicationError)
