"""Where the code of a bundle runs: without the caller's environment, without network where that can be had, limited."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shidian.errors import AuditError

PASSED_ON = ("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "SHIDIAN_COLD_JOBS")
"""Variables of the caller that the code sees, with those of LC_*: no token, no home, no agent."""
INSIDE = {
    "HOME": "home",
    **dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), "cache"),
    "MPLCONFIGDIR": "cache/matplotlib",
    "NUMBA_CACHE_DIR": "cache/numba",
    "TMPDIR": "tmp",
}
"""Variable -> folder inside the folder of the rerun."""
HOURS, FILE_BYTES, LEAST_MEMORY = 12.0, 20 * 10**9, 16 * 2**30
"""Most hours of a rerun, most bytes of one file, and memory of one process where the machine has less."""


@dataclass(frozen=True)
class Sandbox:
    """What is put before a command, and what it shuts off, in words."""

    before: tuple[str, ...]
    words: str


def sandbox(folder: Path) -> Sandbox:
    """Return the tightest sandbox that this machine lets its user have, for code that writes in one folder alone."""
    root = str(folder.resolve())
    bubble = (
        "bwrap", "--die-with-parent", "--new-session", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev",
        "--proc", "/proc", "--bind", root, root,
    )  # fmt: skip
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    alone = ("unshare", *user, "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--")
    unplugged = ("unshare", *user, "--net", "--")
    ways = (
        Sandbox(bubble, "without network, writing only below its folder (bubblewrap)"),
        Sandbox(alone, "without network and without sight of other processes (unshare); files are as open as yours"),
        Sandbox(unplugged, "without network (unshare); files are as open as yours"),
    )
    for way in ways:
        if _works(way.before):
            return way
    return Sandbox(
        (), "WITH NETWORK, since neither bubblewrap nor unshare can be used here; files are as open as yours"
    )


def _works(before: Sequence[str]) -> bool:
    if shutil.which(before[0]) is None:
        return False
    try:
        return subprocess.run([*before, "true"], capture_output=True, check=False, timeout=20).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def environment(folder: Path, own: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of foreign code: a few variables of the caller, every cache and home inside a folder.

    Args:
        folder: the folder of the rerun; what lacks below it is made.
        own: variables that the code needs.
    """
    found = {k: v for k, v in os.environ.items() if k in PASSED_ON or k.startswith("LC_")}
    for name, place in INSIDE.items():
        path = folder.resolve() / place
        path.mkdir(parents=True, exist_ok=True)
        found[name] = str(path)
    return found | dict(own)


def run_limited(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path, hours: float = HOURS
) -> int:
    """Run a command with limits on time, size of files and memory, and return its exit code.

    Raises:
        AuditError: it was stopped when its time was over.
    """
    with log.open("wb") as file:
        process = subprocess.Popen(
            list(command), cwd=cwd, env=dict(environment), stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_limit,
        )  # fmt: skip
        try:
            return process.wait(timeout=hours * 3600)
        except subprocess.TimeoutExpired:
            raise AuditError(f"the rerun was stopped after {hours:g} hours (--hours); its log is {log}") from None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a command, jobs that it started included."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def limits() -> dict[int, int]:
    """Return resource -> most of it that one process of the rerun may take."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_AS: max(memory, LEAST_MEMORY),
    }


def _limit() -> None:
    for what, most in limits().items():
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def described(hours: float) -> Iterator[str]:
    """Yield the limits in words."""
    most = limits()
    yield f"{hours:g} hours"
    yield f"{most[resource.RLIMIT_AS] / 2**30:.0f} GB of memory a process"
    yield f"{most[resource.RLIMIT_FSIZE] / 10**9:.0f} GB a file"
