"""What a student did: messages that were sent, the state of the server, values of the notebook.

The names that the conditions of an exercise may use:

sent(event, option=value, …)   the messages of this event with these options, also those that failed
done(event, option=value, …)   those of them that succeeded
ask(event, option=value, …)    the response to a message that reads, or `None` if it fails
titled(title)                  the id of the project with this title, or an empty text
read(project, path)            the text of a file in a project, given by title or id, or `None`
keys()                         the API keys of the account: each with .name, .number and .expires
scope()                        what the key in use is known to have: .capabilities and .projects, or `None`
sandbox()                      what the sandbox tells of itself: accounts, projects, the last requests
my.name                        a value of the notebook, or `None`
error                          the last failure as text, with its kind before it, until a message succeeds

The value of an option may be a function of it, or `...` for any. Nothing here writes on a server.
"""

from __future__ import annotations

import json
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.errors import CoCalcError, InvalidMessage, MessageFailed, NotPermitted, PermissionRefused
from cocalc_magic.session.api_keys import ApiKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.config.scope import Grant
    from cocalc_magic.response import Response
    from cocalc_magic.session.api_keys import Entry
    from cocalc_magic.session.session import Sent, Session


class Values:
    """The values of a notebook as attributes; `None` for a name that it does not have."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Any:
        return self._namespace.get(name)


class Evidence:
    """What the session did since the exercises began; the server is asked when a condition asks for it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._messages = [sent for sent in list(session.history) if sent.moment >= session.exercises_from]
        self.problem = ""
        """Why the server could not be asked, if so."""
        self.broken: dict[str, str] = {}
        """Conditions that could not be evaluated, each with the reason."""

    def holds(self, expression: str) -> bool:
        """Return whether a condition holds; one that cannot be evaluated does not."""
        try:
            return bool(eval(expression, dict(self._names)))  # noqa: S307 - the teacher's own Python
        except Exception as problem:  # noqa: BLE001 - a student's value may be anything, and so may what it raises
            self.broken[expression] = f"{type(problem).__name__}: {problem}"
            return False

    @cached_property
    def _names(self) -> dict[str, Any]:
        return {
            "sent": self.sent,
            "done": self.done,
            "ask": self.ask,
            "titled": self.titled,
            "read": self.read,
            "keys": self.keys,
            "scope": self.scope,
            "sandbox": self.sandbox,
            "my": Values(self._session.frontend.namespace),
            "error": self._error(),
        }

    def _error(self) -> str:
        """Return the last failure, unless the student went on: then it was met before, or mended."""
        last, since = self._session.last_error, self._session.failed_at
        if last is None or any(_succeeded(sent) and sent.moment > since for sent in self._messages):
            return ""
        return f"{type(last).__name__}: {last}"

    def sent(self, event: str, /, **options: Any) -> list[Any]:
        """Return the messages of an event that had these options."""
        return [
            SimpleNamespace(event=event, options=message.options, ok=_succeeded(message))
            for message in self._messages
            if message.message.event == event and _has(message.options, options)
        ]

    def done(self, event: str, /, **options: Any) -> list[Any]:
        """Return those of them that succeeded."""
        return [message for message in self.sent(event, **options) if message.ok]

    def ask(self, event: str, /, **options: Any) -> Response | None:
        """Return the response to a message that reads; `None` if it fails or is one that writes."""
        if not (catalog.find(event).read_only or _asks(options)):
            return None
        try:
            return self._session.client().send(event, **options)
        except (InvalidMessage, MessageFailed, NotPermitted, PermissionRefused):
            return None  # such a project, or such a file, is not there, or not for this key
        except CoCalcError as problem:
            self.problem = problem.problem
            return None

    def titled(self, title: str) -> str:
        """Return the id of the project that has this title; empty if there is not exactly one."""
        try:
            projects = self._session.client().router.projects.all(fresh=True)
        except CoCalcError as problem:
            self.problem = problem.problem
            return ""
        ids = [project.project_id for project in projects if project.title == title]
        return ids[0] if len(ids) == 1 else ""

    def read(self, project: Any, path: str) -> str | None:
        """Return the text of a file in a project; `None` if it is not there."""
        response = self.ask("read_text_file_from_project", project_id=project, path=path)
        return None if response is None else str(response["content"])

    def keys(self) -> list[Entry]:
        """Return the API keys of the account, without their texts."""
        try:
            return ApiKeys(self._session.client()).entries()
        except CoCalcError as problem:
            self.problem = problem.problem
            return []

    def scope(self) -> Grant | None:
        """Return the capabilities and projects that the key in use is known to have; `None` if nothing is."""
        try:
            return self._session.client().router.scope.stated
        except CoCalcError as problem:
            self.problem = problem.problem
            return None

    def sandbox(self) -> dict[str, Any]:
        """Return what the sandbox tells of itself; empty if it does not run."""
        try:
            return self._session.client("sandbox").control("status")
        except CoCalcError as problem:
            self.problem = problem.problem
            return {}


def _succeeded(message: Sent) -> bool:
    return message.outcome.isdecimal()


def _asks(options: Mapping[str, Any]) -> bool:
    """Return whether these are the options of a query that only reads: all of its tables have a null."""
    query = options.get("query")
    return isinstance(query, dict) and all(": null" in json.dumps(fields) for fields in query.values())


def _has(options: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(name in options and _fits(options[name], value) for name, value in wanted.items())


def _fits(value: Any, wanted: Any) -> bool:
    if wanted is ...:
        return True
    return bool(wanted(value)) if callable(wanted) else bool(value == wanted)
