# SPDX-License-Identifier: Apache-2.0
"""The programs that a machine lends its nodes: found by name in folders, the first that has one wins."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from magnum_lite.agent.rooms.view import PROGRAMS

SHARED = Path("/usr")


class LentPrograms:
    """Programs in ``folders``; those below /usr are in every room anyway, the others are shown there."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [folder.resolve() for folder in folders]
        self.to_show = [folder for folder in self._folders if not folder.is_relative_to(SHARED)]

    def find(self, name: str) -> Path | None:
        """Give where a program lies on the machine."""
        found = shutil.which(name, path=os.pathsep.join(map(str, self._folders)))
        return None if found is None else Path(found)

    def in_room(self, name: str) -> str | None:
        """Give the path of a program in a room."""
        found = self.find(name)
        if found is None:
            return None
        return str(found if found.is_relative_to(SHARED) else PROGRAMS / name)
