"""Windows and macOS, as far as Linux can tell: everything loads without what only Unix has, and types hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.storage.folders.resolve import check

ROOT = Path(__file__).parents[1]

ON_WINDOWS = """
import IPython, anywidget, asyncio, http.server, ipykernel.kernelapp, jupyter_client, keyring, mistune, multiprocessing
import nbclient, nbformat, psutil, pygments, requests, sqlite3, tempfile, tornado.netutil, tornado.web, tree_sitter
import tree_sitter_bash, uuid, yaml, pytest
try:
    import distributed, playwright.sync_api
except ImportError:
    pass
import importlib, os, pkgutil, signal, socket, sys, types

of_pathlib = types.ModuleType("os")  # which would make paths of Windows
of_pathlib.__dict__.update(os.__dict__)
for name in ("pathlib", "pathlib._local", "pathlib._abc"):
    if name in sys.modules:
        sys.modules[name].os = of_pathlib
for name in "fcntl grp pty pwd resource syslog termios tty".split():
    sys.modules[name] = None
GONE = {
    os: "O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_PATH WNOHANG chown fchmod fork getegid geteuid getgid getpgid "
        "getuid killpg mkfifo openpty pread set_blocking setpgid setsid statvfs sysconf uname",
    signal: "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 pthread_sigmask setitimer",
    socket: "AF_UNIX recv_fds send_fds",
}
for module, names in GONE.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.modules["msvcrt"] = types.ModuleType("msvcrt")
os.name, sys.platform = "nt", "win32"

import cocalc_magic
for module in pkgutil.walk_packages(cocalc_magic.__path__, "cocalc_magic."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
        print(module.name)
"""


def test_every_module_loads_where_nothing_of_unix_is() -> None:
    done = subprocess.run([sys.executable, "-c", ON_WINDOWS], capture_output=True, text=True, check=False)
    loaded = set(done.stdout.split())

    assert done.returncode == 0, done.stderr
    assert {
        "cocalc_magic.cli.main",
        "cocalc_magic.sandbox.runtime.reaper",
        "cocalc_magic.widgets.form",
    } < loaded


def test_every_text_file_has_an_encoding() -> None:
    """Windows has cp1252 where none is given."""
    command = ["check", "--preview", "--select", "PLW1514", "--no-cache", "cocalc_magic", "docs", "notebooks"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command], cwd=ROOT, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("path", ["con", "notes/AUX.txt", "a:stream", "..\\up", "end.", "C:/projects/x|y"])
def test_a_sandbox_on_windows_refuses_names_that_it_cannot_have(path: str) -> None:
    with pytest.raises(Thrown, match="Windows, where this sandbox runs, has no files called"):
        check(["C:/projects"], path, windows=True)
    check(["C:/projects"], "C:/projects/./notes/../console.txt", windows=True)
    check(["/projects"], path, windows=False)


@pytest.mark.long
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_types_hold_on(platform: str) -> None:
    """Each of them makes other code unreachable, which is meant."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--platform", platform, "--no-warn-unreachable", "cocalc_magic"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
