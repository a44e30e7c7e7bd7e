# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Heat."""
