"""Commands on the project itself and on a user's extensions."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from shidian.code_digests import ROOT
from shidian.commands.shared import here
from shidian.errors import ShidianError, nearest


def add_project(commands: Any) -> None:
    """Add ``init``, ``explain``, ``add exhibit``, ``docs`` and ``check-kinds``."""
    init = commands.add_parser(
        "init", help="make a folder of your own for studies: configuration, Snakefile, README, .gitignore"
    )
    init.add_argument("folder", type=Path, help="the folder, made when it is not there")
    init.set_defaults(run=run_init)
    word = commands.add_parser("explain", help="say what a kind of exhibit, a key or a word of another program is here")
    word.add_argument("word", help="such as event_study, vcov or csdid")
    word.set_defaults(run=run_explain)
    add = commands.add_parser("add", help="draft an exhibit, every key of its kind in a comment, to put into a study")
    add.add_argument("what", choices=["exhibit"])
    add.add_argument("kind", help="kind of the exhibit")
    add.set_defaults(run=run_add)
    docs = commands.add_parser(
        "docs", help="write config/README.md and envs/ from the schemas and the lock, REFERENCE.md of your extensions"
    )
    docs.set_defaults(run=run_docs)
    kinds = commands.add_parser("check-kinds", help="run the examples of your extensions' kinds through all checks")
    kinds.add_argument("kinds", nargs="*", help="names of kinds; all of your extensions when none is given")
    kinds.set_defaults(run=run_check_kinds)


def run_init(options: argparse.Namespace) -> str:
    """Make a project of one's own."""
    from shidian.starting.project import init

    return init(options.folder)


def run_explain(options: argparse.Namespace) -> str:
    """Say what a word means."""
    from shidian.explained import explain
    from shidian.study.extensions import use_extensions

    use_extensions(here())
    return explain(options.word)


def run_add(options: argparse.Namespace) -> str:
    """Draft an exhibit."""
    from shidian.explained import draft
    from shidian.study.extensions import use_extensions

    use_extensions(here())
    return draft(options.kind)


def run_docs(options: argparse.Namespace) -> str:
    """Write the generated pages."""
    from shidian.code_digests import conda_environment
    from shidian.reference import config_reference, extension_reference
    from shidian.report.catalogue_files import write_catalogues
    from shidian.study.extensions import use_extensions

    (ROOT / "config" / "README.md").write_text(config_reference(), encoding="utf-8")
    (ROOT / "envs" / "shidian.yaml").write_text(conda_environment(), encoding="utf-8")
    write_catalogues("zh")
    lines = ["wrote config/README.md, envs/shidian.yaml and the catalogues of messages"]
    for folder in use_extensions(here()):
        page = folder / "REFERENCE.md"
        page.write_text(extension_reference(folder), encoding="utf-8")
        write_catalogues("zh", folder)
        lines.append(f"wrote {page} and the catalogues of its messages")
    return "\n".join(lines)


def run_check_kinds(options: argparse.Namespace) -> str:
    """Run the examples of extensions' kinds through all checks."""
    import subprocess

    from shidian.study.extensions import use_extensions
    from shidian.study.kinds import kinds

    folders = use_extensions(here())
    theirs = [name for name, kind in kinds().items() if any(kind.folder.is_relative_to(f) for f in folders)]
    for name in options.kinds:
        if name not in kinds():
            raise ShidianError(f"there is no kind '{name}'{nearest(name, kinds())}")
    wanted = options.kinds or theirs
    if not wanted:
        raise ShidianError("config/config.yaml names no extension with a kind: see docs/extensions.md")
    tests = [str(ROOT / "tests" / "kinds"), "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
    environment = {**os.environ, "SHIDIAN_KINDS": ",".join(wanted)}
    done = subprocess.run([sys.executable, "-m", "pytest", *tests], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise ShidianError(f"the checks above failed for {', '.join(wanted)}")
    return f"all checks passed: {', '.join(wanted)}"
