"""Files of projects, and copies from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire.messages import encode_json
from cocalc_magic.client.wire.translate.steps import (
    Ask,
    Options,
    Steps,
    Upload,
    close,
    exact,
    has,
    many,
    partly,
    via,
    without,
)
from cocalc_magic.client.wire.upload import LARGEST_JSON
from cocalc_magic.errors import MessageFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_COPY = (
    "src_project_id src_path:path target_project_id target_path overwrite_newer delete_missing backup "
    "timeout wait_until_done"
)
_COPIED = (
    "src_project_id src_path target_project_id target_path overwrite_newer delete_missing backup timeout"
)
_FIRST_COPY = ("overwrite_newer", "delete_missing", "backup", "timeout")


def _relay(event: str, names: str, options: Options) -> Ask:
    """Return the relay of a v1 message to the project, as it is."""
    mesg = {"event": event, **{name: options[name] for name in names.split() if name in options}}
    return Ask("projects/call", {"project_id": options["project_id"], "mesg": mesg})


def _relayed_text(options: Options) -> Generator[Ask, Any, Any]:
    value = yield _relay("read_text_file_from_project", "path id", options)
    return value.get("content")


def reading(text_of: Callable[[Options], Generator[Ask, Any, Any]]) -> Callable[[Options], Steps]:
    """Return steps that read one file, or each of several by itself: today's servers take one at a time."""

    def run(options: Options) -> Steps:
        projects, paths = options["project_id"], options["path"]
        if isinstance(projects, str) and isinstance(paths, str):
            return {"content": (yield from text_of(options))}
        content: list[dict[str, Any]] = []
        for project_id, path in _pairs(projects, paths):
            listing = {"project_id": project_id, "path": path}
            try:
                content.append({**listing, "content": (yield from text_of(listing))})
            except MessageFailed as problem:
                content.append({**listing, "error": problem.problem})
        return {"content": content}

    return run


def _pairs(projects: Any, paths: Any) -> Iterator[tuple[str, str]]:
    """Pair projects with paths, or every project with every path where their numbers differ."""
    several = [projects] if isinstance(projects, str) else list(projects)
    files = [paths] if isinstance(paths, str) else list(paths)
    if len(several) != len(files):
        several, files = several * len(files), [path for path in files for _ in several]
    return zip(several, files, strict=True)


def _write(options: Options) -> Steps:
    content = options["content"]
    if len(encode_json(content)) <= LARGEST_JSON:
        yield _relay("write_text_file_to_project", "path content id", options)
    else:
        data = content.encode("utf-8", "replace")
        yield Upload(options["project_id"], options["path"], data)
    return {}


def copying(value: Any) -> dict[str, Any]:
    """Return the answer to a copy; v1 had the id of one still running, none where it was done."""
    fields = value if isinstance(value, dict) else {}
    copy_id = fields.get("copy_id") or ""
    note = "The copy goes on; copy_path_status tells how far it is." if copy_id else "All is copied."
    skipped = {"skipped": fields["skipped"]} if "skipped" in fields else {}  # of a sandbox
    return {"copy_path_id": copy_id, "note": note, **skipped}


def _copy(options: Options) -> Steps:
    pairs = dict(name.partition(":")[::2] for name in _COPY.split())
    sent = {new or old: options[old] for old, new in pairs.items() if old in options}
    sent.setdefault("target_project_id", options["src_project_id"])
    sent.setdefault("wait_until_done", False)
    value = yield Ask("projects/copy-path", sent)
    return copying(value)


def _copy_with_exclusions(options: Options) -> Steps:
    sent = {name: options[name] for name in (*_COPIED.split(), "scheduled") if name in options}
    exclude = list(options.get("exclude") or ())
    if options.get("exclude_history"):
        exclude.append("*.sage-history")
    if exclude:
        sent["exclude"] = exclude
    value = yield Ask("projects.copyPathBetweenProjects", sent)
    return copying(value)


def _copy_published(options: Options) -> Steps:
    """Copy from what a project has published: the narrowest publication that contains the path."""
    source, path = options["src_project_id"], str(options["src_path"]).strip("/")
    answer = {"public_paths": [{"project_id": source, "id": None, "path": None}]}
    publications = yield Ask("/user-query", {"query": answer})
    published = [
        row["path"].strip("/") for row in publications["query"].get("public_paths") or () if row.get("path")
    ]
    holding = [root for root in published if path == root or path.startswith(f"{root}/")]
    if not holding:
        raise MessageFailed(f"nothing that the project has published holds {path!r}.")
    sent = {name: options[name] for name in _FIRST_COPY if name in options}
    yield Ask(
        "projects/copy-path",
        {
            "src_project_id": source,
            "path": options["src_path"],
            "target_project_id": options["target_project_id"],
            "target_path": options.get("target_path", options["src_path"]),
            "public_id": published[max(holding, key=len)],
            **sent,
        },
    )
    return {}


def _copied(value: Any, options: Options) -> dict[str, Any]:
    state = {"started": value.get("started"), "finished": value.get("finished")}
    if value.get("copy_error"):
        state["error"] = value["copy_error"]
    return {"data": {"copy_path_id": options["copy_path_id"], **state}}


TABLE = {
    "read_text_file_from_project": exact(
        many("projects/call", "project_id path", reading(_relayed_text)), answer="text_file_read_from_project"
    ),
    "write_text_file_to_project": exact(
        many("projects/call", "project_id path content", _write), answer="file_written_to_project"
    ),
    "copy_path_between_projects": close(
        many(
            "projects/copy-path",
            f"{_COPIED} wait_until_done",
            _copy,
            fits=without("scheduled", "exclude", "exclude_history"),
        ),
        many(
            "projects.copyPathBetweenProjects",
            f"{_COPIED} wait_until_done scheduled exclude exclude_history",
            _copy_with_exclusions,
            lost="it always waits until all is copied",
        ),
        answer="copy_path_between_projects_response",
    ),
    "copy_path_status": partly(
        via(
            "projects/copy-path-status",
            "copy_path_id:copy_id",
            _copied,
            lost="where from and where to, and how it was to be copied",
            fits=has("copy_path_id"),
        ),
        answer="copy_path_status_response",
    ),
    "copy_public_path_between_projects": close(
        many(
            "projects/copy-path /user-query",
            _COPIED,
            _copy_published,
        )
    ),
}
