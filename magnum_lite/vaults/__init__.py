# SPDX-License-Identifier: Apache-2.0
"""Where secrets are kept."""
