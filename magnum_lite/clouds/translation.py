# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in a call to a cloud service, as one of our own errors."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import requests
from keystoneauth1 import exceptions as keystoneauth
from novaclient import exceptions as novaclient

from magnum_lite.errors import CloudConflict, CloudError, CloudForbidden, CloudNotFound

MAX_SENTENCE = 500

# The keys under which services put a sentence: most of them ``message``, those made with WSME ``faultstring``, those
# that follow the API SIG's guideline ``detail`` or ``title``.
_SENTENCE_KEYS = ("message", "faultstring", "detail", "title")
_NOT_NOW = frozenset({408, 425, 429})


@contextlib.contextmanager
def translated(service: str) -> Iterator[None]:
    """Turn what keystoneauth and novaclient raise inside the block into a ``CloudError``.

    The error names the service, gives the service's own sentence and request id, and says whether the same call may
    work later. An answer that cannot be read counts as a failure that passes: a proxy may speak for a service that is
    away.
    """
    try:
        yield
    except keystoneauth.HttpError as error:
        raise _refused(service, error.http_status, _sentence(error), says_when=_says_when(error.response)) from error
    except keystoneauth.SSLError as error:
        raise CloudError(service, f"no trusted connection: {error}", retriable=False) from error
    except keystoneauth.ConnectionError as error:
        raise CloudError(service, _without_innards(error), retriable=True) from error
    except keystoneauth.DiscoveryFailure as error:
        raise CloudError(service, str(error), retriable=True) from error
    except keystoneauth.ClientException as error:
        raise CloudError(service, str(error), retriable=False) from error
    except novaclient.ClientException as error:
        says_when = getattr(error, "retry_after", 0) > 0
        raise _refused(service, error.code, _nova_sentence(error), says_when=says_when) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CloudError(
            service, f"the answer cannot be read ({type(error).__name__}: {error})", retriable=True
        ) from error


def sentence_of(body: Any) -> str | None:
    """Find the sentence for a person in the body of an error answer, whichever service wrote it."""
    if isinstance(body, list):
        return next((found for found in map(sentence_of, body) if found), None)
    if not isinstance(body, Mapping):
        return None
    for key in _SENTENCE_KEYS:
        if isinstance(body.get(key), str) and body[key]:
            return str(body[key])
    return sentence_of([value for value in body.values() if isinstance(value, Mapping | list)])


def _refused(service: str, status: int, sentence: str, *, says_when: bool) -> CloudError:
    message = f"{sentence} (HTTP {status})"
    if status == 404:
        return CloudNotFound(service, message)
    if status in (401, 403):
        return CloudForbidden(service, message)
    if status == 409:
        return CloudConflict(service, message)
    # A 413 with Retry-After is a rate limit; without, it is a quota or a body that stays too large.
    is_passing = (status >= 500 and status != 501) or status in _NOT_NOW or (status == 413 and says_when)
    return CloudError(service, message, retriable=is_passing)


def _says_when(response: requests.Response | None) -> bool:
    # keystoneauth forgets what it read from this header for a 413.
    return response is not None and "Retry-After" in response.headers


def _sentence(error: keystoneauth.HttpError) -> str:
    found = None if error.response is None else _sentence_in(error.response)
    return _with_request_id(found or error.message or type(error).__name__, error.request_id)


def _sentence_in(response: requests.Response) -> str | None:
    try:
        return sentence_of(json.loads(response.content))
    except ValueError:
        return None


def _nova_sentence(error: novaclient.ClientException) -> str:
    return _with_request_id(error.message, error.request_id)


def _with_request_id(sentence: str, request_id: str | None) -> str:
    sentence = " ".join(sentence.split())[:MAX_SENTENCE]
    return sentence if request_id is None or request_id in sentence else f"{sentence} [{request_id}]"


def _without_innards(error: keystoneauth.ConnectionError) -> str:
    # The libraries below put their objects' addresses in memory behind the sentence.
    return str(error).partition(": HTTP")[0].partition(": ('")[0][:MAX_SENTENCE]
