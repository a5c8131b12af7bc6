"""Responses to be shown, as a server gave them."""

from __future__ import annotations

from typing import Any

from cocalc_magic.response import Request, Response

PROJECT = "63539481-6e7b-4138-b8c2-5cf0b6d7ddf2"


def answered(
    value: Any, event: str = "ping", options: dict[str, Any] | None = None, **known: Any
) -> Response:
    """The response of the sandbox, after 12 ms, to a message with these options."""
    request = Request(event, options or {}, secret=known.pop("secret", ()))
    return Response(value, request, **{"server": "sandbox", "sandbox": True, "elapsed": 0.0123, **known})


def pong(**known: Any) -> Response:
    return answered({"event": "pong", "id": "1", "now": "2026-11-23T07:31:27.410Z"}, **known)


def command_output(stdout: Any = "", stderr: Any = "", exit_code: Any = 0, **more: Any) -> Response:
    fields = {
        "event": "project_exec_output",
        "id": "1",
        "stdout": stdout,
        "stderr": stderr,
        "exit_code": exit_code,
    }
    return answered(fields | more, "project_exec", {"project_id": PROJECT, "command": "make"})


def file(content: Any, path: Any = "notes.md") -> Response:
    fields = {"event": "text_file_read_from_project", "id": "1", "content": content}
    return answered(fields, "read_text_file_from_project", {"project_id": PROJECT, "path": path})


def found(records: list[Any], **known: Any) -> Response:
    fields = {"event": "user_search_results", "id": "1", "results": records}
    return answered(fields, "user_search", {"query": "a"}, **known)


def refused(error: Any, **known: Any) -> Response:
    return answered({"event": "error", "id": "1", "error": error}, "project_exec", ok=False, **known)


def ran(*outputs: Any, **more: Any) -> Response:
    fields = {"event": "jupyter_execute_response", "id": "1", "output": list(outputs)}
    return answered(fields | more, "jupyter_execute", {"kernel": "python3", "input": "x"})


def folder(files: Any) -> Response:
    return answered(
        {"event": "public_directory_listing", "id": "1", "result": {"files": files}},
        "public_get_directory_listing",
        {"project_id": PROJECT, "path": "."},
    )
