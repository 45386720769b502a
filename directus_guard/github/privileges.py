"""Who the Action is: the runner starts it as root, and nothing of a repository has to be read as root."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def drop_to_owner_of(folder: Path) -> None:
    """Become the user and group that own `folder`, for good. What is open stays open.

    Nothing happens where we are not root, where root owns the folder, or where the container may not change users
    (`--cap-drop=ALL`): root without capabilities has no power to give up.
    """
    if os.geteuid() != 0:
        return
    try:
        owner = folder.stat()
        if owner.st_uid == 0:
            return
        os.setgroups([owner.st_gid])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
    except PermissionError:
        return
