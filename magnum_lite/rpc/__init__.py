# SPDX-License-Identifier: Apache-2.0
"""Messages between the services; they are carried by threads, not by greenlets."""

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)
