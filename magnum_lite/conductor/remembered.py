# SPDX-License-Identifier: Apache-2.0
"""What a cloud said a while ago, so that it need not be asked each time and may be away."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from magnum_lite.errors import CloudError

LOG = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Terms:
    """How long an answer is good for, how long a cloud that failed is left alone (seconds), how many are kept."""

    seconds: float
    pause: float = 60.0
    most: int = 1000


@dataclass(frozen=True)
class _Known(Generic[T]):
    """The last answer, if there was one, the failure since then, and when to ask again."""

    answers: tuple[T, ...]
    failure: CloudError | None
    ask_at: float


class Remembered(Generic[T]):
    """Answers by key; threads may share it."""

    def __init__(self, what: str, terms: Terms, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._terms, self._clock = what, terms, clock
        self._known: OrderedDict[str, _Known[T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, look: Callable[[], T]) -> T:
        """Give what is known, looked up again when it is too old.

        A look that fails gives what was known before, or raises its ``CloudError`` where nothing was; it is not tried
        again before the pause is over.
        """
        with self._lock:
            known = self._known.get(key)
        if known is None or known.ask_at <= self._clock():
            known = self._ask(key, look, known)
        if known.failure is not None and not known.answers:
            raise known.failure.with_traceback(None)
        return known.answers[0]

    def _ask(self, key: str, look: Callable[[], T], known: _Known[T] | None) -> _Known[T]:
        try:
            found = _Known((look(),), None, self._clock() + self._terms.seconds)
        except CloudError as error:
            LOG.warning("%s of %s cannot be looked up, so what was known stays: %s", self._what, key, error.message)
            found = _Known(known.answers if known else (), error, self._clock() + self._terms.pause)
        with self._lock:
            self._known[key] = found
            self._known.move_to_end(key)
            while len(self._known) > self._terms.most:
                self._known.popitem(last=False)
        return found
