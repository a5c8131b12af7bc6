"""An embedded CoCalc, for lessons, tests and trying things out; ``python -m cocalc_magic.sandbox``.

It answers as CoCalc servers of March 2024 (the first API) and July 2026 (API v2 and the conat bridge) were
recorded to answer, keeps accounts and projects in SQLite, gives every project a real folder and runs real
commands in it. **It is no isolation**: commands run as the person who started it. It bills nothing and
sends no e-mail.

    store       the tables of a database, which is SQLite; knows no HTTP
    keys        those of accounts and projects; beside it passwords, sessions, settings, throttle
    folders/    files of projects, by descriptors: nothing leads out of a project; copies as rsync makes them
    processes   commands; knows no HTTP
    groups      what starts, counts and ends processes; processes and kernels run in it
    janitor     a process of its own that starts all others, and ends them when the sandbox goes; by spawn
    world       store and folders together; beginning has the state they begin with
    answers     what each message does, by subject: (world, caller, options) -> fields
    envelope    a request -> a reply; the messages of the v1 API in the recorded order of checks
    v2          the door of API v2; signin has its cookies
    transfers   files into a project and out of it, beside the API
    generations which of the APIs are spoken
    jobs        commands in the background; usage has what they take
    doors       what is served besides messages: pages, the handover of a key, customize
    replies     requests and replies as values
    bodies      JSON and forms as the recorded server reads them
    control     what one asks of the sandbox itself; overview, recent, tickets and board are behind it
    faults      what goes wrong on order
    serve       the envelope behind HTTP; hosts and budget check whose body is read, and how much of it
    program     the command line, and the life of the process
    memory      the envelope without a socket, for requests: :class:`Sandbox`
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cocalc_magic.sandbox.testing import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    """Loads :class:`Sandbox` when it is asked for: the server does not need it."""
    if name != "Sandbox":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cocalc_magic.sandbox.testing import Sandbox

    return Sandbox
