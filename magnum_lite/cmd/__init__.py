# SPDX-License-Identifier: Apache-2.0
"""The processes."""

import warnings

# Libraries of OpenStack import eventlet wherever it is installed; none of our processes uses it.
warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated")
