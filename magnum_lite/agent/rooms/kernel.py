# SPDX-License-Identifier: Apache-2.0
"""The system calls that give a process a root, mounts and privileges of its own (Linux, as root)."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Collection
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT = 0x1, 0x2, 0x4, 0x20
MS_BIND, MS_REC, MS_PRIVATE, MS_SLAVE, MS_SHARED = 0x1000, 0x4000, 0x40000, 0x80000, 0x100000
MNT_DETACH = 2
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4
# What units may add to a container that has nothing else (linux/capability.h).
CAPABILITIES = {
    "chown": 0,
    "dac_override": 1,
    "dac_read_search": 2,
    "fowner": 3,
    "kill": 5,
    "setgid": 6,
    "setuid": 7,
    "net_bind_service": 10,
    "net_admin": 12,
    "net_raw": 13,
    "sys_ptrace": 19,
    "sys_admin": 21,
    "sys_nice": 23,
    "sys_resource": 24,
    "sys_time": 25,
    "syslog": 34,
}
LIBC = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Leave namespaces that other processes share; raise ``OSError``."""
    _check(LIBC.unshare(flags), "unshare")


def propagate(how: int) -> None:
    """Say for all mounts whether changes of them are seen from elsewhere (``MS_PRIVATE``, ``MS_SLAVE``, ...)."""
    _check(LIBC.mount(b"none", b"/", None, MS_REC | how, None), "mount /")


def mount(kind: str, target: Path, flags: int = 0) -> None:
    """Mount a file system that needs no device; raise ``OSError``."""
    _check(LIBC.mount(kind.encode(), os.fsencode(target), kind.encode(), flags, None), f"mount {kind} on {target}")


def bind(source: Path, target: Path, *, is_read_only: bool = False) -> None:
    """Make a file or folder, with all that is mounted below it, be seen at ``target`` too; raise ``OSError``."""
    place = os.fsencode(target)
    _check(LIBC.mount(os.fsencode(source), place, None, MS_BIND | MS_REC, None), f"bind {source} to {target}")
    if is_read_only:
        freeze(target)


def freeze(target: Path) -> None:
    """Let nothing be written below a mount any more; raise ``OSError``."""
    flags = MS_BIND | MS_REMOUNT | MS_RDONLY
    _check(LIBC.mount(None, os.fsencode(target), None, flags, None), f"make {target} read-only")


def move_into(root: Path) -> None:
    """Make a mounted folder the root of this mount namespace; what was the root before is out of reach then."""
    os.chdir(root)
    # The old root is put upon the new one and taken off at once (pivot_root(2), "pivot_root(".", ".")").
    _check(LIBC.syscall(_pivot_root(), b".", b"."), f"pivot_root {root}")
    _check(LIBC.umount2(b".", MNT_DETACH), "umount the old root")
    os.chdir("/")


def give_up_privileges(kept: Collection[str]) -> None:
    """Let this process and what it runs have the named capabilities at most; raise ``KeyError`` for unknown ones."""
    spared = {CAPABILITIES[name] for name in kept}
    for number in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text()) + 1):
        if number not in spared:
            _check(LIBC.prctl(PR_CAPBSET_DROP, number, 0, 0, 0), f"drop capability {number}")
    _check(LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "drop ambient capabilities")


def gain_nothing() -> None:
    """Let no program that this process runs gain privileges by its file's owner or capabilities."""
    _check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs")


def _pivot_root() -> int:
    return {"x86_64": 155, "aarch64": 41}[os.uname().machine]


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
