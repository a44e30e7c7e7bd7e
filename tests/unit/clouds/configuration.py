# SPDX-License-Identifier: Apache-2.0
"""Our configuration for a cloud at a URL, read from a file as an operator's is."""

import configparser
from pathlib import Path

from oslo_config import cfg

from magnum_lite import conf


def for_cloud(url: str, folder: Path, **clients: str) -> cfg.ConfigOpts:
    """Write a file with the service's identity and options of ``[service_clients]``, and read it."""
    parser = configparser.ConfigParser()
    parser["service_clients"] = {"timeout": "5", **clients}
    parser["service_auth"] = {
        "auth_type": "password",
        "auth_url": f"{url}/identity/v3",
        "username": "magnum",
        "password": "secret",
        "user_domain_id": "default",
        "project_name": "service",
        "project_domain_id": "default",
    }
    path = folder / "magnum_lite.conf"
    with path.open("w") as file:
        parser.write(file)
    return conf.new([], [str(path)])
