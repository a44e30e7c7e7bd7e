# SPDX-License-Identifier: Apache-2.0
"""The service that makes the world agree with the wish."""
