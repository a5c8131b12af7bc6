"""What each message does: ``(world, caller, options) -> fields``, by subject.

An answer knows no HTTP and no SQL. It returns the fields of the response besides ``event`` and
``id``, and raises :class:`~cocalc_magic.sandbox.errors.Failed` when the message fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cocalc_magic.sandbox.answers import accounts, files, processes, projects, query, system
from cocalc_magic.sandbox.world import Caller, World

Answer = Callable[[World, Caller, Mapping[str, Any]], dict[str, Any]]

ANSWERS: dict[str, Answer] = {
    "ping": system.ping,
    "user_search": accounts.user_search,
    "create_project": projects.create_project,
    "project_exec": processes.project_exec,
    "read_text_file_from_project": files.read_text_file_from_project,
    "write_text_file_to_project": files.write_text_file_to_project,
    "query": query.query,
}

WAITS = {
    "project_exec": "command",
    "read_text_file_from_project": "file",
    "write_text_file_to_project": "file",
    "create_project": "file",
}
"""Answers that may wait, and for what: they are given threads."""
