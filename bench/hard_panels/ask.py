"""Ask a package in a process of its own, so that no answer waits for ever or takes the others along.

``python -m bench.hard_panels.ask PACKAGE FILE`` asks one package everything and writes its answers as JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import multiprocessing
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from importlib import import_module
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType

import pandas as pd

from bench.hard_panels.answer import Answer, Number
from bench.hard_panels.packages import PACKAGES
from bench.hard_panels.panel import HardPanel
from bench.hard_panels.situations import PANELS

SECONDS = 120
OF_THE_CODE = (FutureWarning, DeprecationWarning, PendingDeprecationWarning)
"""Warnings that speak of the code, not of the data."""


Question = tuple[str, HardPanel]
"""A method and the panel on which it is asked."""


def ask(module: ModuleType, questions: Sequence[Question], seconds: float = SECONDS) -> Iterator[Answer]:
    """Give a package's answers in order, or for each that it gave none in time.

    One process answers them one after another; where it hangs or dies, another goes on behind that question.
    """
    context = multiprocessing.get_context("fork")
    left = list(questions)
    while left:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_send, args=(there, module, left))
        process.start()
        there.close()
        lost = ""
        while left and not lost:
            try:
                if here.poll(seconds):
                    yield here.recv()
                else:
                    lost = f"no answer within {seconds:g} seconds"
            except EOFError:
                lost = "the process died"
            if lost:
                yield Answer(refused=lost, crashed=True)
            del left[0]
        process.kill()
        process.join()


def answer(module: ModuleType, method: str, panel: HardPanel) -> Answer:
    """Return a package's answer with everything that it printed or warned of."""
    printed, warned = io.StringIO(), io.StringIO()
    logged = logging.StreamHandler(warned)
    logging.getLogger().addHandler(logged)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(warned):
            try:
                found = module.ANSWERS[method](panel, panel.make())
            except Exception as error:
                sentence = " ".join(str(error).split()) or type(error).__name__
                found = Answer(refused=sentence, crashed=not isinstance(error, tuple(module.REFUSALS)))
    logging.getLogger().removeHandler(logged)
    of_data = [" ".join(str(w.message).split()) for w in caught if not issubclass(w.category, OF_THE_CODE)]
    words = {"warned": (*dict.fromkeys(of_data), found.warned, warned.getvalue()),
             "told": (found.told, printed.getvalue())}  # fmt: skip
    return replace(found, **{key: "; ".join(filter(None, texts)) for key, texts in words.items()})


def module_of(package: str) -> ModuleType:
    """Import the module that asks a package."""
    return import_module(f"bench.hard_panels.packages.{'ours' if package == 'shidian' else package}")


def read(path: Path) -> tuple[str, dict[tuple[str, str], Answer]]:
    """Read the answers of one package: its version, and panel and method -> answer."""
    content = json.loads(path.read_text(encoding="utf-8"))
    answers = {
        (row["panel"], row["method"]): Answer(
            **{**row["answer"], "numbers": tuple(Number(**number) for number in row["answer"]["numbers"])}
        )
        for row in content["answers"]
    }
    return content["version"], answers


def main(package: str, path: str) -> None:
    """Ask a package every question that it knows of every panel."""
    pd.set_option("display.width", 200)
    module = module_of(package)
    questions = [(method, panel) for panel in PANELS for method in panel.methods if method in module.ANSWERS]
    rows = [
        {"panel": panel.key, "method": method, "answer": asdict(found)}
        for (method, panel), found in zip(questions, ask(module, questions), strict=True)
    ]
    name = PACKAGES[package]
    content = {"version": version(name) if name else "this checkout", "answers": rows}
    Path(path).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _send(pipe: Connection, module: ModuleType, questions: Sequence[Question]) -> None:
    for method, panel in questions:
        pipe.send(answer(module, method, panel))
    pipe.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
