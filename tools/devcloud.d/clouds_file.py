# SPDX-License-Identifier: Apache-2.0
"""What others reach a devcloud by: clouds.yaml, openrc and state.json."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import furnish
import yaml
from layout import PASSWORD, REGION, Layout


def write(layout: Layout) -> None:
    """Write the three files anew."""
    clouds = {user: _cloud(layout, user, project) for user, project in _homes().items()}
    (layout.folder / "clouds.yaml").write_text(yaml.safe_dump({"clouds": clouds}, sort_keys=False))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables(layout, "demo", "demo").items()]
    (layout.folder / "openrc").write_text("\n".join(lines) + "\n")
    state = {
        "folder": str(layout.folder),
        "venv": str(layout.venv),
        "own": str(layout.own),
        "ports": dict(layout.ports),
        "urls": {name: layout.url(name) for name in layout.ports},
        "auth_url": f"{layout.url('keystone')}/v3",
        "database": layout.database,
        "broker": layout.broker,
        "password": PASSWORD,
        "region": REGION,
        "is_convergent": layout.is_convergent,
    }
    (layout.folder / "state.json").write_text(json.dumps(state, indent=2) + "\n")


def find_layout(folder: Path) -> Layout | None:
    """Give what the cloud in a folder was last brought up with, if one ever was."""
    path = folder / "state.json"
    if not path.exists():
        return None
    state = json.loads(path.read_text())
    return Layout(folder, Path(state["venv"]), Path(state["own"]), state["ports"], is_convergent=state["is_convergent"])


def variables(layout: Layout, user: str, project: str) -> dict[str, str]:
    """Give what the openstack command finds a user's cloud by."""
    return {
        "OS_AUTH_URL": f"{layout.url('keystone')}/v3",
        "OS_USERNAME": user,
        "OS_PASSWORD": PASSWORD,
        "OS_PROJECT_NAME": project,
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_REGION_NAME": REGION,
        "OS_IDENTITY_API_VERSION": "3",
    }


def _homes() -> dict[str, str]:
    """Give each user's own project."""
    return {user: user if user in where else next(iter(where)) for user, where in furnish.GRANTS.items()}


def _cloud(layout: Layout, user: str, project: str) -> dict[str, object]:
    auth = {
        "auth_url": f"{layout.url('keystone')}/v3",
        "username": user,
        "password": PASSWORD,
        "project_name": project,
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    return {"auth": auth, "region_name": REGION, "identity_api_version": 3}
