"""Who is running in this folder, so that the lock of a run that was killed is told from the lock of one that goes on.

Each run leaves its process in ``.snakemake/shidian/owners``. Snakemake's lock is stale when somebody left it there and
everybody who ran is dead: on this machine, in this process space. A run that lives, or one of another machine whose
processes nobody here can see, keeps its lock.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from shidian.checksums import FOLDER

OWNERS = FOLDER / "owners"
LOCKS = Path(".snakemake") / "locks"


def own_this_run() -> list[str]:
    """Leave this process as a run of this folder, remove the lock of a run that was killed, and say of which.

    Returns:
        ``host, process n`` of each dead run whose lock was removed; empty where there was no lock, or it is in use.
    """
    me = _identity(os.getpid())
    mine = OWNERS / f"{_file_name(me)}.json"
    try:
        OWNERS.mkdir(parents=True, exist_ok=True)
        mine.write_text(json.dumps(me, sort_keys=True), encoding="utf-8")
    except OSError:
        return []  # nothing can be written here: Snakemake says so itself
    atexit.register(_leave, mine, os.getpid())
    others = {path: _read(path) for path in OWNERS.glob("*.json") if path != mine}
    if any(owner is None or not is_dead(owner) for owner in others.values()):
        return []
    locks = sorted(LOCKS.glob("*.lock"))
    if locks and not others:
        return []  # nobody knows whose lock it is
    for path in (*locks, *others):
        path.unlink(missing_ok=True)
    return [f"{o['host']}, process {o['pid']}" for o in others.values() if o is not None] if locks else []


def is_dead(owner: Mapping[str, str]) -> bool:
    """Say whether the process of a run has certainly ended; False where this machine cannot know."""
    me = _identity(os.getpid())
    if owner.get("host") != me["host"] or not owner.get("machine") or owner["machine"] != me["machine"]:
        return False
    if owner.get("boot") != me["boot"]:
        return True
    if owner.get("processes") != me["processes"]:
        return False
    return _started(int(owner["pid"])) != owner.get("started")


def _identity(pid: int) -> dict[str, str]:
    """Return host, machine, start of the machine, process space, and a process with the time of its start."""
    return {
        "host": socket.gethostname(),
        "machine": _text("/etc/machine-id") or _text("/proc/sys/kernel/random/boot_id"),
        "boot": _text("/proc/sys/kernel/random/boot_id"),
        "processes": _link("/proc/self/ns/pid"),
        "pid": str(pid),
        "started": _started(pid),
    }


def _started(pid: int) -> str:
    """Return when a process started, in ticks of its machine; empty where there is no such process any more."""
    state, _, rest = _text(f"/proc/{pid}/stat").rpartition(")")[2].strip().partition(" ")
    fields = rest.split()
    return "" if state in ("", "Z", "X") or len(fields) < 19 else fields[18]


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _file_name(owner: Mapping[str, str]) -> str:
    return "".join(c if c.isalnum() else "-" for c in f"{owner['host']}-{owner['pid']}-{owner['started']}")


def _read(path: Path) -> dict[str, str] | None:
    """Return an owner; None for a file that was just being written, whose run lives."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    complete = isinstance(content, dict) and str(content.get("pid", "")).isdigit()
    return {str(key): str(value) for key, value in content.items()} if complete else None


def _leave(path: Path, pid: int) -> None:
    if os.getpid() == pid:
        path.unlink(missing_ok=True)
