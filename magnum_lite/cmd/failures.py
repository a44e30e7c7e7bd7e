# SPDX-License-Identifier: Apache-2.0
"""One clear sentence, and not a stack trace, when a command cannot do its work."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

from oslo_config import cfg
from oslo_db.exception import DBError

from magnum_lite.errors import MagnumLiteError


def explained(main: Callable[[], int]) -> Callable[[], int]:
    """Make a command end with 1 and a sentence for errors its operator can mend."""

    @functools.wraps(main)
    def wrapped() -> int:
        try:
            return main()
        except (MagnumLiteError, cfg.Error, OSError) as error:
            print(f"{sys.argv[0].rsplit('/', 1)[-1]}: {error}", file=sys.stderr)
        except DBError as error:
            print(f"the database cannot be used: {error.__cause__ or error}", file=sys.stderr)
        return 1

    return wrapped
