"""v1 messages by those of cocalc.ai, where a key has capabilities and most is done inside projects.

A route is taken if the key, or else the session of a person, may send its messages. From the source of
July 2026; nothing of it was recorded.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire.messages import encode_json
from cocalc_magic.client.wire.translate import accounts, ai_query, commands, files, projects, services
from cocalc_magic.client.wire.translate.ai_refusals import refusal_of
from cocalc_magic.client.wire.translate.steps import (
    Ask,
    Options,
    Steps,
    Upload,
    close,
    exact,
    many,
    partly,
    via,
    without,
)
from cocalc_magic.errors import MissingOption

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["TABLE", "refusal_of"]
_EXEC = "project:system.exec"
_MAX_NAMES = 250  # accounts in one message
_MAX_JSON = 9_000_000  # bytes; servers take 10 MB
_COPIED = "src_project_id src_path:path target_project_id target_path timeout"
_CODE = "kernel input history path limits"


def _text(options: Options) -> Generator[Ask, Any, Any]:
    sent = {name: options[name] for name in ("project_id", "path")}
    return (yield Ask("project:system.readTextFileFromProject", sent))


def _write(options: Options) -> Steps:
    project_id, path, content = options["project_id"], options["path"], options["content"]
    if len(encode_json(content)) <= _MAX_JSON:
        sent = {"project_id": project_id, "path": path, "content": content}
        yield Ask("project:system.writeTextFileToProject", sent)
    else:
        yield Upload(project_id, path, content.encode("utf-8", "replace"))
    return {}


def _names(options: Options) -> Steps:
    accounts_left, usernames = list(options["account_ids"]), dict[str, Any]()
    while True:
        sent, accounts_left = accounts_left[:_MAX_NAMES], accounts_left[_MAX_NAMES:]
        value = yield Ask("accounts/get-names", {"account_ids": sent})
        usernames |= accounts.names_of(value, options)["usernames"]
        if not accounts_left:
            return {"usernames": usernames}


def _copy(options: Options) -> Steps:
    pairs = dict(name.partition(":")[::2] for name in _COPIED.split())
    sent = {new or old: options[old] for old, new in pairs.items() if old in options}
    sent.setdefault("target_project_id", options["src_project_id"])
    value = yield Ask("projects/copy-path", sent)
    return files.copying(value)


def _code(options: Options) -> Steps:
    _check_project("jupyter_execute", options)
    return services.run_code("project:jupyter.apiExecute", f"project_id {_CODE}", options)


def _kernels(options: Options) -> Steps:
    _check_project("jupyter_kernels", options)
    kernels = yield Ask("project:jupyter.kernels", {"project_id": options["project_id"]})
    return {"kernels": kernels}


def _check_project(event: str, options: Options) -> None:
    """Raise `MissingOption` for a message that other servers do without a project."""
    if not options.get("project_id"):
        raise MissingOption(f"{event} needs a project there: kernels run in projects.", "Write project_id=…")


TABLE = {
    "ping": accounts.TABLE["ping"],
    "query": partly(*ai_query.ROUTES, answer="query"),
    "get_usernames": exact(many("accounts/get-names", "account_ids", _names), answer="usernames"),
    "create_project": close(
        via(
            "projects.createProject",
            "title description start",
            lambda value, _: {"project_id": value},
            lost="the key may not use the new project until it is one of the key's projects",
        ),
        many("projects/create projects/start", "title description start", projects.create_and_start),
        answer="project_created",
    ),
    "touch_project": projects.TABLE["touch_project"],
    "project_exec": exact(
        many(_EXEC, commands.TAKES, commands.direct, fits=commands.short),
        many(_EXEC, commands.TAKES, partial(commands.as_job, event=_EXEC)),
        many("/exec", commands.TAKES, commands.as_job),
        answer="project_exec_output",
    ),
    "read_text_file_from_project": exact(
        many("project:system.readTextFileFromProject", "project_id path", files.reading(_text)),
        answer="text_file_read_from_project",
    ),
    "write_text_file_to_project": exact(
        many("project:system.writeTextFileToProject", "project_id path content", _write),
        answer="file_written_to_project",
    ),
    "copy_path_between_projects": close(
        many(
            "projects/copy-path",
            "src_project_id src_path target_project_id target_path timeout wait_until_done",
            _copy,
            lost="it always waits until all is copied",
            fits=without("scheduled", "exclude", "exclude_history"),
        ),
        answer="copy_path_between_projects_response",
    ),
    "jupyter_execute": close(
        many(
            "project:jupyter.apiExecute",
            f"project_id {_CODE}",
            _code,
            lost="the time at which it was first asked for; nothing is remembered",
        ),
        answer="jupyter_execute_response",
    ),
    "jupyter_kernels": close(
        many("project:jupyter.kernels", "project_id", _kernels), answer="jupyter_kernels"
    ),
    "forgot_password": close(
        via("auth/password-reset", "email_address:email", accounts.no_error, keyless=True),
        answer="forgot_password_response",
        failed=accounts.TABLE["forgot_password"].failed,
    ),
    "reset_forgot_password": close(
        via(
            "auth/redeem-password-reset",
            "reset_code:passwordResetId new_password:password",
            accounts.no_error,
            keyless=True,
        ),
        answer="reset_forgot_password_response",
        failed=accounts.TABLE["reset_forgot_password"].failed,
    ),
    "create_support_ticket": accounts.TABLE["create_support_ticket"],
    "get_support_tickets": accounts.TABLE["get_support_tickets"],
}
