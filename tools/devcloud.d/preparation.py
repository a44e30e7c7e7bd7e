# SPDX-License-Identifier: Apache-2.0
"""What the services find in the folder before they start: folders, links to their configuration, a CA."""

from __future__ import annotations

import shutil
import subprocess
import uuid

from layout import HOST, PASSWORD, Layout
from processes import Failed

DATA = ("glance", "glance-locks", "glance-staging", "glance-tasks", "nova", "nova-locks", "neutron", "neutron-locks",
        "heat-plugins", "cinder", "cinder-locks", "rabbitmq")  # fmt: skip
AT_HOME = ("heat", "cinder", "octavia", "barbican")
"""Services whose web application looks for its configuration in the home folder and nowhere else that is ours."""


def prepare(layout: Layout) -> None:
    """Make what is missing."""
    for name in ("home", "tmp", *(f"data/{one}" for one in DATA)):
        (layout.folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("fernet-keys", "credential-keys"):
        (layout.folder / "etc" / "keystone" / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in AT_HOME:
        link = layout.folder / "home" / f".{name}"
        if not link.is_symlink():
            link.symlink_to(layout.folder / "etc" / name)
    client = f"[client]\nhost = {HOST}\nport = {layout.ports['mariadb']}\nuser = root\nprotocol = tcp\n"
    (layout.folder / "home" / ".my.cnf").write_text(client)
    (layout.folder / "data" / "rabbitmq" / "enabled_plugins").write_text("[].\n")
    identity = layout.folder / "data" / "nova" / "compute_id"
    if not identity.exists():
        # Nova would write it in its first start, and refuses to start ever again when that was cut short.
        identity.write_text(str(uuid.uuid4()))
    _make_authority(layout)


def wipe(layout: Layout) -> None:
    """Remove everything that services have written; the logs stay."""
    for name in ("data", "etc", "home", "nodes", "run", "tmp"):
        shutil.rmtree(layout.folder / name, ignore_errors=True)


def _make_authority(layout: Layout) -> None:
    """Give Octavia the CA that it signs its amphorae's certificates with, though there are none."""
    folder = layout.folder / "etc" / "octavia"
    if (folder / "ca.pem").exists():
        return
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "3650", "-subj", "/CN=devcloud"]
    command += ["-passout", f"pass:{PASSWORD}", "-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"openssl made no CA for Octavia: {done.stderr[-500:]}")
