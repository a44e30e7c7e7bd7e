# SPDX-License-Identifier: Apache-2.0
"""Changes of the database's schema, in order."""
