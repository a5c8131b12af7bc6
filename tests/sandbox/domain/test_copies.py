"""Copying files between projects: what lands where, what is kept, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.api_v2 import ask as ask_v2
from tests.sandbox.api_v2 import person
from tests.sandbox.domain.test_members import account

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running


@pytest.fixture
def projects(sandbox: Running) -> tuple[str, str]:
    """A project with files, and an empty one."""
    source, target = sandbox.project("source"), sandbox.project("target")
    sandbox.run(
        source, "mkdir -p cp/sub && echo one > cp/1.txt && echo two > cp/sub/2.txt && echo l > cp/a.log"
    )
    return source, target


def copy(sandbox: Running, source: str, target: str, path: str, **options: Any) -> dict[str, Any]:
    return sandbox.send(
        "copy_path_between_projects",
        src_project_id=source,
        target_project_id=target,
        src_path=path,
        **options,
    )


def listing(sandbox: Running, project_id: str) -> list[str]:
    return sorted(sandbox.run(project_id, "find . -type f -o -type l")["stdout"].split())


def test_a_folder_lands_where_it_was_or_where_it_is_told(sandbox: Running, projects: tuple[str, str]) -> None:
    answer = copy(sandbox, *projects, "cp")
    copy(sandbox, *projects, "cp/sub/", target_path="other/place")

    assert answer["copy_path_id"] == ""
    assert listing(sandbox, projects[1]) == [
        "./cp/1.txt", "./cp/a.log", "./cp/sub/2.txt", "./other/place/2.txt",
    ]  # fmt: skip


def test_a_file_lands_under_a_new_name_or_in_a_folder(sandbox: Running, projects: tuple[str, str]) -> None:
    copy(sandbox, *projects, "cp/1.txt", target_path="new.txt")
    copy(sandbox, *projects, "cp/1.txt", target_path="folder/")

    assert listing(sandbox, projects[1]) == ["./folder/1.txt", "./new.txt"]


def test_what_is_newer_at_the_target_is_kept_unless_told(sandbox: Running, projects: tuple[str, str]) -> None:
    sandbox.run(projects[1], "mkdir cp && echo mine > cp/1.txt && touch -d '+1 hour' cp/1.txt")

    copy(sandbox, *projects, "cp")
    kept = sandbox.run(projects[1], "cat cp/1.txt")["stdout"]
    copy(sandbox, *projects, "cp", overwrite_newer=True, backup=True)

    assert kept == "mine\n"
    assert sandbox.run(projects[1], "cat cp/1.txt cp/1.txt~")["stdout"] == "one\nmine\n"


def test_what_the_source_has_not_goes_and_what_is_excluded_stays(
    sandbox: Running, projects: tuple[str, str]
) -> None:
    sandbox.run(projects[1], "mkdir -p cp/old && echo x > cp/old/x && echo mine > cp/b.log")

    copy(sandbox, *projects, "cp", delete_missing=True, exclude=["*.log"])

    assert listing(sandbox, projects[1]) == ["./cp/1.txt", "./cp/b.log", "./cp/sub/2.txt"]


def test_a_project_can_be_copied_into_itself(sandbox: Running, projects: tuple[str, str]) -> None:
    copy(sandbox, projects[0], projects[0], "", target_path="all")

    assert "./all/cp/1.txt" in listing(sandbox, projects[0])
    assert not any("all/all" in name for name in listing(sandbox, projects[0]))


@pytest.mark.parametrize(
    ("path", "into"), [("../x", "y"), ("out", "y"), ("cp", "../y"), ("cp", "outside"), ("cp", "link/y")]
)
def test_neither_path_leads_out_of_its_project(
    sandbox: Running, projects: tuple[str, str], path: str, into: str
) -> None:
    sandbox.run(projects[0], "ln -s /etc out")
    sandbox.run(projects[1], "ln -s /tmp link; ln -s /tmp/nothing-there outside")

    answer = copy(sandbox, *projects, path, target_path=into)

    refusals = ("leads out of it", "source path must be contained", "target path must be contained")
    assert any(refusal in answer["error"] for refusal in refusals)


def test_links_in_a_folder_are_copied_as_links(sandbox: Running, projects: tuple[str, str]) -> None:
    sandbox.run(projects[0], "ln -s /etc/passwd cp/secret")

    copy(sandbox, *projects, "cp")

    assert sandbox.run(projects[1], "readlink cp/secret")["stdout"] == "/etc/passwd\n"
    answer = sandbox.send("read_text_file_from_project", project_id=projects[1], path="cp/secret")
    assert "leads out of it" in answer["error"]


def test_the_list_of_copies_tells_what_was_done(sandbox: Running, projects: tuple[str, str]) -> None:
    copy(sandbox, *projects, "cp")
    copy(sandbox, *projects, "nope")

    done = sandbox.send("copy_path_status", src_project_id=projects[0], pending=False)["data"]
    failed = sandbox.send("copy_path_status", src_project_id=projects[0], failed=True)["data"]
    one = sandbox.send("copy_path_status", copy_path_id=done[0]["copy_path_id"])["data"]

    assert [job["source_path"] for job in done] == ["nope", "cp"]
    assert [job["source_path"] for job in failed] == ["nope"]
    assert failed[0]["error"].startswith("ENOENT: no such file or directory")
    assert "scheduled" not in one
    assert one["target_project_id"] == projects[1]


def test_anybody_copies_what_is_published_and_nothing_else(
    sandbox: Running, projects: tuple[str, str]
) -> None:
    _, _, key = account(sandbox)
    theirs = sandbox.post("create_project", {"title": "t"}, key=key).json()["project_id"]
    sandbox.send("query", query={"public_paths": {"project_id": projects[0], "path": "cp/sub"}})

    def take(path: str) -> dict[str, Any]:
        options = {"src_project_id": projects[0], "src_path": path, "target_project_id": theirs}
        found: dict[str, Any] = sandbox.post("copy_public_path_between_projects", options, key=key).json()
        return found

    assert take("cp/sub/2.txt")["event"] == "success"
    for path in ("cp/1.txt", "cp/sub/../1.txt", "cp/subs", ""):
        assert take(path)["error"] == f"path '{path}' of project with id '{projects[0]}' is not public"
    sandbox.send(
        "query", query={"public_paths": {"project_id": projects[0], "path": "cp/sub", "disabled": True}}
    )
    assert "is not public" in take("cp/sub")["error"]


@pytest.mark.parametrize(
    ("path", "into", "error"),
    [
        ("a/../../b", "x/../../y", "source path must be contained in project home dir"),
        ("..", None, "source path must be contained in project home dir"),
        ("none/../such", "x/../../y", "target path must be contained in target project home dir"),
    ],
)
def test_a_path_is_within_its_project_before_it_is_looked_at(
    sandbox: Running, projects: tuple[str, str], path: str, into: str | None, error: str
) -> None:
    today = {"src_project_id": projects[0], "target_project_id": projects[1], "target_path": into}

    assert copy(sandbox, *projects, path, target_path=into)["error"] == error
    assert ask_v2(sandbox, "projects/copy-path", path=path, **today)["error"] == error
    assert sandbox.call("projects.copyPathBetweenProjects", {"src_path": path, **today}) == {
        "error": f"Error: {error}"
    }


def test_a_path_onto_itself_need_not_exist(sandbox: Running, projects: tuple[str, str]) -> None:
    assert "error" not in copy(sandbox, projects[0], projects[0], "no/./such", target_path="x/../no/such")


def test_the_target_is_refused_before_the_source(sandbox: Running, projects: tuple[str, str]) -> None:
    stranger = person(sandbox)
    options = {"src_project_id": projects[0], "src_path": "cp", "target_project_id": projects[1]}

    answer = sandbox.post("copy_path_between_projects", options, key=stranger.key).json()

    assert answer["error"] == f"ACCESS BLOCKED -- No write access to target project -- {projects[1]}"


@pytest.mark.parametrize("event", ["copy_path_status", "copy_path_delete"])
@pytest.mark.parametrize("copy_id", ["12345", "", 7])
def test_the_id_of_a_copy_is_cast_by_the_database(sandbox: Running, event: str, copy_id: Any) -> None:
    assert sandbox.send(event, copy_path_id=copy_id)["error"] == (
        f'postgresql error: invalid input syntax for type uuid: "{copy_id}"'
    )


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"limit": "x"}, "ILLEGAL VALUE limit='x' (must be in [0, 1000])"),
        ({"limit": 1.5}, "ERROR -- opts.limit = '1.5' is not an integer"),
        ({"limit": 1001, "offset": -1}, "ILLEGAL VALUE offset='-1' (must be in [0, 100000])"),
        ({"target_project_id": "zz"}, "invalid target_project_id=zz"),
    ],
)
def test_a_list_of_copies_checks_its_numbers(
    sandbox: Running, projects: tuple[str, str], options: dict[str, Any], error: str
) -> None:
    assert sandbox.send("copy_path_status", src_project_id=projects[0], **options)["error"] == error


def test_what_is_published_without_a_path_is_nothing(sandbox: Running, projects: tuple[str, str]) -> None:
    stranger = person(sandbox)
    own = sandbox.post("create_project", {}, key=stranger.key).json()["project_id"]
    sandbox.send("query", query={"public_paths": {"project_id": projects[0], "description": "no path"}})
    options = {"src_project_id": projects[0], "src_path": "cp", "target_project_id": own}

    answer = sandbox.post("copy_public_path_between_projects", options, key=stranger.key).json()

    assert answer["error"] == f"path 'cp' of project with id '{projects[0]}' is not public"


@pytest.mark.parametrize("name", ["src_project_id", "target_project_id"])
def test_a_published_path_is_copied_between_projects_with_ids(
    sandbox: Running, projects: tuple[str, str], name: str
) -> None:
    options = {"src_project_id": projects[0], "src_path": "cp", "target_project_id": projects[1], name: "zz"}

    assert sandbox.send("copy_public_path_between_projects", **options)["error"] == "invalid project_id -- zz"
