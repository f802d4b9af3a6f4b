"""Snakemake's logger ``shidian``: on a terminal a bar with what is running, elsewhere a plain line a job.

Snakemake finds it by its name. What the lines say is ``shidian.run_lines``; the bar is that of the plugin ``rich``.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from shidian.run_lines import RunLines, is_wrapping, plain
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent


class LogHandler(LogHandlerBase):
    """Prints events of a run."""

    def __post_init__(self) -> None:
        """Choose the bar or plain lines."""
        self.bar: Any = None
        if sys.stderr.isatty() or self.common_settings.dryrun:
            from snakemake_logger_plugin_rich import LogHandler as Bar

            self.bar = Bar(self.common_settings, None)
        self.lines = RunLines(time.monotonic)

    def emit(self, record: logging.LogRecord) -> None:
        """Print what is to be said of a record."""
        lines = self._said(record)
        if self.bar is not None:
            if lines or not is_wrapping(record.getMessage()):
                self.bar.emit(record)
            return
        for line in lines:
            print(line, file=sys.stderr, flush=True)

    def _said(self, record: logging.LogRecord) -> list[str]:
        fact = record.__dict__.get
        match fact("event"):
            case LogEvent.RUN_INFO:
                return self.lines.run(int(fact("stats", {}).get("total", 0)))
            case LogEvent.JOB_INFO:
                self.lines.start(fact("jobid"), fact("rule_name"), dict(fact("wildcards") or {}), fact("log") or [])
            case LogEvent.JOB_FINISHED:
                return self.lines.finish(fact("job_id"))
            case LogEvent.JOB_ERROR:
                return self.lines.fail(fact("jobid"))
            case LogEvent.ERROR:
                return plain(record.getMessage())
            case None if record.levelno >= logging.INFO:
                return plain(record.getMessage())
        return []

    def close(self) -> None:
        """Take the bar away, and say last what failed."""
        if self.bar is not None:
            self.bar.close()
        for line in self.lines.last_words(self.bar is not None):
            print(line, file=sys.stderr, flush=True)
        self.lines.failures.clear()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        """It writes to standard error."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """It writes no file."""
        return False

    @property
    def has_filter(self) -> bool:
        """It chooses itself what it prints."""
        return True

    @property
    def has_formatter(self) -> bool:
        """It words itself what it prints."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """It draws no graph of rules."""
        return False
