"""`project:*`: that a project is there, its commands and signals, and the software it has."""

from __future__ import annotations

import shutil
import signal as signals
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.exec import execute, send_signal
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, is_true
from cocalc_magic.sandbox.runtime.processes import MAX_TIME
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

SERVICES = ("open-files", "listings", "files:read", "files:write", "api")
_PROGRAMS = {  # name in the configuration -> program
    "rserver": "rserver",
    "latex": "latexmk",
    "sage": "sage",
    "x11": "xpra",
    "rmd": "Rscript",
    "qmd": "quarto",
    "jq": "jq",
    "spellcheck": "aspell",
    "sshd": "/usr/sbin/sshd",
    "pandoc": "pandoc",
    "vscode": "code-server",
    "julia": "julia",
}


def ping(_world: World, _project_id: str, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the time, in milliseconds since 1970."""
    return {"now": now()}


def test(_world: World, project_id: str, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return which project answers."""
    return {"project_id": project_id, "server_time": now()}


def exec(world: World, project_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command, or start or look up one in the background; `cwd` takes precedence over `path`."""
    where = {"path": options["cwd"]} if is_true(options.get("cwd")) else {}
    return execute(world, project_id, {**options, **where}, MAX_TIME)


def signal(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Send a signal to processes of the project's commands; others are treated as missing."""
    name, several = options.get("signal"), options.get("pids")
    number = signals.SIGTERM if name is None else as_number(name)
    processes = [options.get("pid"), *(several if isinstance(several, list) else [])]
    pids = [pid for pid in processes if pid is not None]
    if pids and number not in {0, *signals.Signals}:
        raise Thrown(f"Unknown signal: {as_text(name)}", kind="TypeError [ERR_UNKNOWN_SIGNAL]")
    missing = [pid for pid in pids if not send_signal(world, project_id, int(number), pid)]
    if missing:
        raise Thrown("kill ESRCH")


def terminate(_world: World, _project_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Report that a service has ended; a project of the sandbox has none to end."""
    if options.get("service") not in SERVICES:
        raise Failed(f"Unknown service {as_text(options.get('service'))}")
    return {"status": "terminated", "service": options["service"]}


def configuration(world: World, project_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return which software the project has: that of this machine."""
    if options.get("aspect") not in ("main", "x11"):
        raise Thrown(f'unable to get configuration of type "{as_text(options.get("aspect"))}"')
    installed = {name: shutil.which(program) is not None for name, program in _PROGRAMS.items()}
    sums = {name: shutil.which(name) is not None for name in ("sha1sum", "sha256sum", "md5sum")}
    parts = ("lab", "notebook", "kernelspec")
    jupyter = {name: shutil.which(f"jupyter-{name}") is not None for name in parts}
    capabilities = {**installed, "jupyter": jupyter, "hashsums": sums}
    return {
        "timestamp": iso(now()),
        "capabilities": {**capabilities, "homeDirectory": str(world.folders.home(project_id))},
    }
