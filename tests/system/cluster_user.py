# SPDX-License-Identifier: Apache-2.0
"""The user that a cluster acts as, for the software that runs in it."""

from __future__ import annotations

import configparser
from pathlib import Path

from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from magnum_lite.vaults import keys
from tests.system.house import House

CALL_SECONDS = 60.0


def session_of(house: House, cluster: str) -> Session:
    """Log in as a cluster's own user, with the password that the vault keeps."""
    (row,) = house.query("SELECT cluster_user_id, project_id FROM cluster WHERE uuid = :uuid", uuid=cluster)
    auth = v3.Password(
        auth_url=house.cloud.auth_url,
        user_id=row.cluster_user_id,
        password=_password(house, cluster),
        project_id=row.project_id,
    )
    return Session(auth=auth, timeout=CALL_SECONDS)


def _password(house: House, cluster: str) -> str:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(house.configuration)
    (row,) = house.query("SELECT ciphertext FROM secret WHERE name = :name", name=f"{cluster}-user")
    plain = keys.load(Path(settings["vault"]["key_file"])).decrypt(row.ciphertext)
    return plain.partition(b"\0")[2].decode()
