"""Jobs in forks of one process that has imported the heavy packages once: a job costs its work, not Python's start.

Python's own fork server is used. Each job is a process of its own, as a cold one is: it sees the packages of others
imported, nothing else of them, and what it changes ends with it. Modules of shidian that say a message when they are
imported are not imported beforehand, so that a job knows just what its own imports say (``shidian.warm_start``).
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from multiprocessing.connection import Connection
from threading import Lock
from types import ModuleType

PACKAGES = (
    "snakemake.script",
    "snakemake.logging",
    "numpy",
    "pandas",
    "pandas.core.arrays.arrow.extension_types",
    "pandas.core.methods.to_dict",
    "pandas.io.formats.csvs",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "scipy.linalg",
    "scipy.sparse.linalg",
    "scipy.special",
    "scipy.optimize",
    "scipy.stats",
    "scipy.spatial",
    "numba",
    "pyfixest.core",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.style",
    "fontTools.pens.cu2quPen",
    "fontTools.pens.ttGlyphPen",
    "fontTools.ttLib.tables.O_S_2f_2",
    "fontTools.ttLib.tables._c_v_t",
    "fontTools.ttLib.tables._f_p_g_m",
    "fontTools.ttLib.tables._g_a_s_p",
    "fontTools.ttLib.tables._h_h_e_a",
    "fontTools.ttLib.tables._l_o_c_a",
    "fontTools.ttLib.tables._p_r_e_p",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PpmImagePlugin",
    "PIL.PngImagePlugin",
    "highspy",
    "yaml",
    "jinja2",
    "docx",
    "xlsxwriter",
    "typst",
    "babel.messages",
    "encodings.cp437",
    "encodings.utf_16_be",
    "encodings.utf_16_le",
    "encodings.utf_32_be",
    "shidian.warm_start",
)
"""What is imported once; one that is not installed is passed over."""

COLD = "SHIDIAN_COLD_JOBS"
"""Set to anything, this variable has every job start a Python of its own."""

KILLED = -9
_STARTING = Lock()


def run_script(
    path: str,
    environment: Mapping[str, str],
    watch: Callable[[int], AbstractContextManager[object]] = lambda pid: nullcontext(),
) -> int:
    """Run a script in a fork of the warm process and return its exit code, negative for the signal that killed it.

    Args:
        path: the script.
        environment: variables set for it alone.
        watch: makes a context, given the job's process id, that lasts as long as the job.

    Raises:
        OSError: the warm process is not to be had, for want of memory say; the job did not begin.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PACKAGES))
    ours, theirs = context.Pipe(duplex=False)
    job = context.Process(target=_run, args=(path, os.getcwd(), dict(environment), theirs))
    try:
        with _no_main_script():
            job.start()
    except EOFError:
        raise OSError("the warm process has ended") from None
    theirs.close()
    with watch(job.pid or 0), ours:
        try:
            code = int(ours.recv())
        except EOFError:  # it was killed before it could say
            job.join()
            code = job.exitcode or KILLED
    job.join()
    return code


@contextmanager
def _no_main_script() -> Iterator[None]:
    """Have the job not import what this process runs, Snakemake's command line, as multiprocessing would do first."""
    with _STARTING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _run(path: str, folder: str, environment: Mapping[str, str], said: Connection) -> None:
    """Run the script as ``python path`` would, and say its exit code."""
    _end_with_its_run(said.fileno(), True)
    multiprocessing.set_start_method(multiprocessing.get_all_start_methods()[0], force=True)  # as in any process
    os.chdir(folder)
    os.environ.update(environment)
    tempfile.tempdir = None  # of the folder that the environment names
    if sys.dont_write_bytecode:  # else every job would compile the same modules again
        sys.dont_write_bytecode, sys.pycache_prefix = False, os.path.abspath(".snakemake/pycache")
    sys.argv = [path]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    code = 1
    try:
        runpy.run_path(path, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        _end_with_its_run(said.fileno(), False)
        said.send(code)
        said.close()


def _end_with_its_run(pipe: int, wanted: bool) -> None:
    """Have the system end this job (SIGIO) once nobody is left to hear its exit code, or not any more.

    The run was killed then, and another one may already write the same files.
    """
    flags = fcntl.fcntl(pipe, fcntl.F_GETFL)
    if wanted:
        fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, flags | os.O_ASYNC if wanted else flags & ~os.O_ASYNC)
