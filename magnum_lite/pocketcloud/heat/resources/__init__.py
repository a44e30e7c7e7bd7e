# SPDX-License-Identifier: Apache-2.0
"""The resource types of the pocket cloud's Heat."""
