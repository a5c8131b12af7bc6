"""An embedded CoCalc, for lessons, tests and trying things out; `python -m cocalc_magic.sandbox`.

It answers as CoCalc servers of March 2024 (API v1) and July 2026 (API v2 and the conat bridge) were recorded
to answer, or as the source of cocalc.ai says, keeps accounts and projects in SQLite, gives every project a
real folder and runs real commands in it. **It is not isolated**: commands run as the person who started it.
It bills nothing and sends no e-mail.

A module imports from those above it:

errors, js_compat   the exceptions; JavaScript's conversions of values
storage/            the database, folders of projects, keys, sessions, settings, passwords, cache, lock
runtime/            processes, jobs and kernels, their process groups, and the reaper that ends them
domain/             what a CoCalc does, told once; knows no HTTP, no SQL and no API
api/                v1, v2, conat and ai: names, defaults, shapes and error texts; they know the domain alone
seed                the initial state: a world file, or default_world
http/               from a request to its response: app, routes, apis, pages; server puts it behind a socket
admin/              requests to the sandbox itself: control, dashboard, request_log, tickets
world               everything that one sandbox holds
start_options       what a sandbox is started with
in_process          a sandbox without a process of its own
cli                 the command line, and the life of the process
testing             the app without a socket, for requests: `Sandbox`

From the bottom up: default_world, errors, js_compat, storage, runtime, domain, api, class_world, seed,
adapter, served, http, fake_server, admin, world, testing, start_options, cli, in_process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cocalc_magic.sandbox.testing import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    """Load `Sandbox` when it is accessed: the server does not need it."""
    if name != "Sandbox":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cocalc_magic.sandbox.testing import Sandbox  # late, as above

    return Sandbox
