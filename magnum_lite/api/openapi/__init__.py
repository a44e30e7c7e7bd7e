# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document of the API, generated from what its routes declare."""
