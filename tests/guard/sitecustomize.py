# SPDX-License-Identifier: Apache-2.0
"""Guards every Python process that has this folder on its PYTHONPATH: Python imports it at its start."""

import loopback_only

loopback_only.install()
