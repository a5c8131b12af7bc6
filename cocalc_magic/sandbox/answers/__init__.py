"""What each message does: ``(world, caller, options) -> fields``, by subject.

An answer knows no HTTP and no SQL. It returns the fields of the response besides ``event`` and
``id``, and raises :class:`~cocalc_magic.sandbox.errors.Failed` when the message fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cocalc_magic.sandbox.answers import accounts, files, people, processes, projects, query, system
from cocalc_magic.sandbox.world import Caller, World

Answer = Callable[[World, Caller, Mapping[str, Any]], dict[str, Any]]

ANSWERS: dict[str, Answer] = {
    "ping": system.ping,
    "create_account": accounts.create_account,
    "change_password": accounts.change_password,
    "change_email_address": accounts.change_email_address,
    "user_auth": accounts.user_auth,
    "user_search": people.user_search,
    "get_usernames": people.get_usernames,
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
    "create_account": "password",
    "change_password": "password",
    "change_email_address": "password",
    "user_auth": "password",
}
"""Answers that may wait, and for what: they are given threads."""
