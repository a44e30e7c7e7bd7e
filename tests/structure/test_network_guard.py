# SPDX-License-Identifier: Apache-2.0
"""No test can dial out: neither its own process nor a Python process that it starts."""

import socket
import subprocess
import sys

import pytest

# An audit event is what Python announces before it dials, so nothing is dialled here should the guard be missing.
ANNOUNCE = "import sys; sys.audit('socket.connect', None, ('192.0.2.1', 80))"


def test_a_foreign_address_is_refused() -> None:
    with pytest.raises(PermissionError, match=r"192\.0\.2\.1 refused"):
        sys.audit("socket.connect", None, ("192.0.2.1", 80))


def test_a_foreign_name_is_refused() -> None:
    with pytest.raises(PermissionError, match=r"example\.org refused"):
        sys.audit("socket.sendto", None, ("example.org", 53))


def test_a_child_process_is_refused_too() -> None:
    child = subprocess.run([sys.executable, "-c", ANNOUNCE], capture_output=True, text=True, timeout=60, check=False)

    assert "192.0.2.1 refused: tests stay on the loopback address" in child.stderr


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.24.0.9"), (socket.AF_INET6, "::1")])
def test_loopback_addresses_are_free(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.connect((host, 9))
        peer = client.getpeername()[0]

    assert peer == host
