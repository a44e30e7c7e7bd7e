# SPDX-License-Identifier: Apache-2.0
"""What can go wrong here, as the one sentence that a person reads."""


class QuickstartFailed(Exception):
    """The quickstart cannot go on."""
