# SPDX-License-Identifier: Apache-2.0
"""The re-entrant steps plans are made of."""
