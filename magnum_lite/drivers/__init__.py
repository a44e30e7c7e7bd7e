# SPDX-License-Identifier: Apache-2.0
"""What builds one cluster type each."""
