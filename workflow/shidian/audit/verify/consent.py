"""A rerun executes the code of whoever made the bundle: it says so and asks first."""

from __future__ import annotations

import sys
from collections.abc import Callable

from shidian.audit.verify.bundle import Bundle
from shidian.audit.verify.installation import changed_code
from shidian.audit.verify.sandbox import described
from shidian.errors import AuditError

Ask = Callable[[str], None]
"""Given what will be executed; raises AuditError where nobody agrees."""


def question(bundle: Bundle, shut_off: str, hours: float) -> str:
    """Return what a rerun will execute, and within which bounds."""
    changed = changed_code(bundle)
    names = ", ".join(name.removeprefix("source/") for name in changed[:3])
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    code = f"{len(changed)} of its files of code are not those of this installation: {names}{more}"
    commit = bundle.json("audit/made.json")["commit"] or "none"
    return "\n".join([
        f"--rerun executes the code inside {bundle.path.name}: a program of whoever made it.",
        f"  code: it names commit {commit}; {code if changed else 'every file is that of this installation'}",
        f"  it runs {shut_off}, without your environment variables",
        f"  limits: {', '.join(described(hours))}",
    ])  # fmt: skip


def agreed(words: str) -> None:
    """Agree to everything."""


def ask_on_terminal(words: str) -> None:
    """Show what will be executed, and ask on the terminal.

    Raises:
        AuditError: the answer is not yes, or there is no terminal to ask on.
    """
    print(words, file=sys.stderr, flush=True)
    if not sys.stdin.isatty():
        raise AuditError("the bundle was not run: there is no terminal to ask on; --yes agrees beforehand")
    print("Run it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise AuditError("the bundle was not run: nobody agreed")
