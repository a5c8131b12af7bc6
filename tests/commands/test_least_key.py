"""The key that `scope` names is the least: on a sandbox with scoped keys all runs with it, and nothing less does.

Every story of `test_generations` and a lesson, with exactly that key and with each capability taken away.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
import yaml

from cocalc_magic import Client, catalog
from cocalc_magic.catalog import is_uuid
from cocalc_magic.commands.help import status
from cocalc_magic.commands.scope import of_cells
from cocalc_magic.config import keys
from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import (
    CoCalcError,
    InvalidMessage,
    KeyRefused,
    NotPermitted,
    NotSent,
    PermissionRefused,
    ServerError,
)
from cocalc_magic.lessons.shipped import lesson_paths
from cocalc_magic.sandbox import Sandbox
from cocalc_magic.session.login import Login
from cocalc_magic.session.needs import Needs
from cocalc_magic.session.session import Session
from cocalc_magic.syntax import outline
from cocalc_magic.syntax.convert import from_python
from tests.client.test_generations import Cast, stories
from tests.sandbox.conftest import start_sandbox  # noqa: F401 - the fixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.conftest import Start

pytestmark = pytest.mark.slow

ME, SAM = "72baf680-1132-44fd-aaf6-8a2a8c00754b", "012ea110-ff1d-40e6-978b-475ac21f02b7"
FIRST, SECOND = "a1fa0000-1111-4111-8111-00000000a1fa", "5a4ed000-2222-4222-8222-0000005a4ed0"
THIRD = "b0b50000-3333-4333-8333-00000000b0b5"
LESSON = Path(__file__).with_name("lesson.ipynb")  # in a project that is there; the shipped ones make theirs
Call = tuple[str, dict[str, Any]]


class Noted:
    """Stands in for a client, and notes the messages of stories."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __getattr__(self, event: str) -> Callable[..., None]:
        return lambda **options: self.calls.append((event, options))


def told() -> dict[str, Call]:
    """The message of each story."""
    noted: Any = Noted()
    calls = {}
    for name, story in stories(noted, Cast(FIRST, SECOND, ME, SAM)):
        story()
        calls[name] = noted.calls[-1]
    return calls


STORIES = told()
NEEDED = {
    name: Needs.of([(catalog.find(event), options)]) for name, (event, options) in STORIES.items()
}  # fmt: skip
BY_KEY = [name for name, needs in NEEDED.items() if needs.by_event]
_NUMBER = count()


def key_text(name: str) -> str:
    """A key of today's form, another for each name."""
    return f"sk-cc-v2.{next(_NUMBER):016}.{name.encode().hex()[:43]:0>43}"


class Keys:
    """Keys of one account, with what each may do; `write` makes a world of them."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def add(self, capabilities: tuple[str, ...], projects: tuple[str, ...] = (FIRST, SECOND)) -> str:
        """A key with exactly these, or with one that says nothing where there are none."""
        text = key_text(" ".join(capabilities))
        allowed = {"allowed_project_ids": list(projects)} if projects else {}
        has = list(capabilities) or ["codex:run"]
        self.entries.append({"key_of": "iris", "keys": [text], "capabilities": has, **allowed})
        return text

    def write(self, folder: Path) -> Path:
        iris = {"handle": "iris", "account_id": ME, "first_name": "Iris", "last_name": "I",
                "email_address": "iris@example.edu", "password": "pw-iris-12345"}  # fmt: skip
        sam = {"handle": "sam", "account_id": SAM, "first_name": "Sam", "last_name": "S",
               "email_address": "sam@example.edu", "password": "pw-sam-123456"}  # fmt: skip
        projects = [
            {"project_id": project, "title": title, "owner": "iris"}
            for project, title in ((FIRST, "One"), (SECOND, "Two"), (THIRD, "Three"))
        ]
        file = folder / "world.yaml"
        file.write_text(yaml.safe_dump({"accounts": [iris, sam, *self.entries], "projects": projects}))
        return file


def without(capabilities: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The rest of the capabilities, by the one that is taken away."""
    return {name: tuple(other for other in capabilities if other != name) for name in capabilities}


Told = tuple[Sandbox, dict[str, str], dict[tuple[str, str], str], dict[str, str]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A sandbox, and its keys: the least of each story, those with less, and those for another project."""
    made = Keys()
    least = {name: made.add(NEEDED[name].capabilities, NEEDED[name].projects or (THIRD,)) for name in BY_KEY}
    less = {
        (name, gone): made.add(rest, NEEDED[name].projects or (THIRD,))
        for name in BY_KEY
        for gone, rest in without(NEEDED[name].capabilities).items()
    }
    elsewhere = {
        name: made.add(NEEDED[name].capabilities, (THIRD,)) for name in BY_KEY if NEEDED[name].projects
    }
    world = made.write(tmp_path_factory.mktemp("world"))
    with Sandbox(world=world, generation="ai") as box:
        yield box, least, less, elsewhere


def outcome(box: Sandbox, key: str, name: str, **more: Any) -> BaseException | None:
    """What a story fails with, by this key; `None` where it does not."""
    event, options = STORIES[name]
    with Client(box.url, key, session=box.session(), **more) as client:
        try:
            client.send(event, **options)
        except CoCalcError as problem:
            return problem
    return None


def test_most_stories_are_told_by_a_key() -> None:
    """What is left needs a person, or is not there; the mapping says why."""
    assert len(BY_KEY) >= 20
    assert set(STORIES) - set(BY_KEY) == {
        name for name, needs in NEEDED.items() if needs.signed_in or needs.impossible
    }


def test_the_stories_are_told_by_the_least_key_of_each(sandbox: Told) -> None:
    """Whatever comes of it: it is not the key that it fails for. One after the other: some need what was before."""
    box, least, _, _ = sandbox

    for name in BY_KEY:
        problem = outcome(box, least[name], name)

        assert not isinstance(problem, NotSent | PermissionRefused), problem
        assert (problem is None) == (not any(word in name for word in ("fail", "limit", "none"))), problem


LESS = [(name, gone) for name in BY_KEY for gone in NEEDED[name].capabilities]


@pytest.mark.parametrize(("name", "gone"), LESS)
def test_it_is_not_told_by_one_with_less(sandbox: Told, name: str, gone: str) -> None:
    box, _, less, _ = sandbox

    refused = outcome(box, less[name, gone], name)
    rest = without(NEEDED[name].capabilities)[gone] or ("codex:run",)
    stated = UNKNOWN.stating(rest, NEEDED[name].projects)
    held_back = outcome(box, less[name, gone], name, scope=stated)

    assert isinstance(refused, ServerError | NotPermitted), refused
    assert gone in str(refused)
    assert isinstance(held_back, NotPermitted), held_back
    assert gone in str(held_back)


@pytest.mark.parametrize("name", [name for name in BY_KEY if NEEDED[name].projects])
def test_nor_by_one_for_another_project(sandbox: Told, name: str) -> None:
    box, _, _, elsewhere = sandbox

    problem = outcome(box, elsewhere[name], name)

    assert isinstance(problem, PermissionRefused | NotPermitted), problem


# -- what is asked besides -------------------------------------------------------------------------


def test_a_key_that_may_not_read_its_account_is_a_good_key(
    tmp_path: Path,
    start_sandbox: Start,  # noqa: F811
) -> None:
    made = Keys()
    narrow, listing = made.add(("project:exec",)), made.add(("project:list",))
    running = start_sandbox(
        "--world", str(made.write(tmp_path)), "--generation", "ai", folder=tmp_path / "data"
    )
    session = Session()
    actions = Login(session, "project:exec", (FIRST,))

    assert "works at" in actions.test(running.url, Secret(narrow))
    with pytest.raises(NotPermitted, match="project:list"):
        session.client(running.url).router.projects.find("Tw")
    assert "The server does not say whose it is." in Login(session).test(running.url, Secret(listing))
    assert session.client(running.url).router.projects.find("Tw").project_id == SECOND
    with pytest.raises(PermissionRefused, match="project:exec"):
        session.client(running.url).project_exec(project_id=FIRST, command="ls")
    assert "not project:exec in One, as the server said; for the rest not known" in str(
        status(session, ["--offline"])
    )
    with pytest.raises(KeyRefused):
        actions.test(running.url, Secret(key_text("nobody's")))


COMMANDS = [f"%cocalc upload {{folder}}/a.txt --project {FIRST}", "%cocalc projects", "%cocalc use Two"]


def test_commands_that_send_run_by_the_least_key_and_by_no_other(
    shell: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start_sandbox: Start,  # noqa: F811
) -> None:
    (tmp_path / "a.txt").write_text("hello")
    lines = [line.format(folder=tmp_path) for line in COMMANDS]
    made = Keys()
    least = {line: made.add(of_cells([line]).capabilities, (FIRST,)) for line in lines}
    other = made.add(("account:read", "project:create", "file:read", "file:write"), (FIRST,))
    running = start_sandbox(
        "--world", str(made.write(tmp_path)), "--generation", "ai", folder=tmp_path / "data"
    )
    monkeypatch.setenv("COCALC_HOST", running.url)

    for line, key in least.items():
        monkeypatch.setenv("COCALC_API_KEY", other)
        with pytest.raises((PermissionRefused, NotPermitted)):
            shell.cell(line)
        monkeypatch.setenv("COCALC_API_KEY", key)
        shell.cell(line)


# -- lessons ---------------------------------------------------------------------------------------


def sources(lesson: Path) -> list[str]:
    """The cells of a lesson."""
    return [cell.source for cell in nbformat.read(lesson, 4).cells if cell.cell_type == "code"]


def refusals(shell: Any, cells: list[str], project: str) -> list[str]:
    """What the cells of a lesson are refused for lack of a right; the project is one that there is already.

    A key can do nothing in a project that it has made, so a lesson that makes one goes on in another.
    """
    found = []
    for cell in cells:
        if "load_ext" in cell:
            continue
        outcome = shell.run_cell(cell)
        if "create_project" in cell:
            shell.user_ns["pid"] = project
        problem = outcome.error_in_exec or outcome.error_before_exec
        if isinstance(problem, NotPermitted | PermissionRefused):
            found.append(f"{cell[:40]}: {problem}")
    return found


def test_a_lesson_runs_with_the_least_key_and_with_no_less(
    shell: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start_sandbox: Start,  # noqa: F811
) -> None:
    cells = sources(LESSON)
    needs = of_cells(cells)
    made = Keys()
    least = made.add(needs.capabilities, (FIRST,))
    less = {gone: made.add(rest, (FIRST,)) for gone, rest in without(needs.capabilities).items()}
    running = start_sandbox(
        "--world", str(made.write(tmp_path)), "--generation", "ai", folder=tmp_path / "data"
    )
    monkeypatch.setenv("COCALC_HOST", running.url)

    def run(key: str) -> list[str]:
        monkeypatch.setenv("COCALC_API_KEY", key)
        keys.forget(running.url)
        return refusals(shell, cells, FIRST)

    assert run(least) == []
    for gone, key in less.items():
        assert any(gone in refusal for refusal in run(key)), gone


NO_KEY_MAY = {  # what the lessons send that takes a person, or is not there
    "04-keys": {"/api-keys", "keys"},
    "06-the-database": {"query", "user_search"},
    "11-old-and-new-servers": {"/user-query", "get_available_upgrades"},
}
STANDS_FOR = {
    "upload": "projects/start",
    "download": "projects/start",
    "use": "projects/get",
    "projects": "projects/get",
}
OF_CLASSES = {
    "apply": ["projects/get", "projects/collaborators/list", "projects.createProject"],
    "collect": ["projects/get", "projects/collaborators/list", "projects/start"],
}


def there(value: Any) -> Any:
    """A value with a project that is there in place of one that only the notebook knows."""
    if isinstance(value, dict):
        return {name: there(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [there(inner) for inner in value]
    return FIRST if isinstance(value, str) and value.startswith("$") else value


def fits(message: Any, name: str, value: Any) -> bool:
    """Whether an option is there, and takes this value."""
    try:
        from_python(message.option(name), value)
    except InvalidMessage:
        return False
    return True


def messages_of(lesson: Path) -> list[Call]:
    """What a lesson sends, each event once for each set of needs, about a project that is there."""
    calls: dict[Any, Call] = {}
    current = ""
    for usage in outline.read(sources(lesson)):
        if usage.name == "use":
            current = "One"
        if usage.name == "course":
            events = OF_CLASSES.get("".join(usage.words[:1]), [])
        else:
            events = [STANDS_FOR.get(usage.name, usage.name)]
        for message in filter(None, map(catalog.get, events)):
            options = there(usage.options)
            if not all(fits(message, name, value) for name, value in options.items()):
                continue  # lessons show mistakes, too
            if message.current_project:
                options = {message.current_project: current, **options} if current else options
            for option in message.options:
                if option.names_project and (option.required or option.name in options):
                    is_title = not is_uuid(options.get(option.name, FIRST))
                    options[option.name] = "One" if is_title else FIRST
                elif option.required:
                    options.setdefault(option.name, message.example.options[option.name])
            calls[message.event, str(Needs.of([(message, options)]))] = message.event, options
    return list(calls.values())


LESSONS = {path.stem: messages_of(path) for path in lesson_paths()}
OF_LESSONS = {path.stem: of_cells(sources(path)) for path in lesson_paths()}
Keyed = tuple[Sandbox, dict[tuple[str, str], str]]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    """A sandbox, and its keys by lesson: the least, and those with a capability less."""
    made, found = Keys(), dict[tuple[str, str], str]()
    for name, needs in OF_LESSONS.items():
        found[name, ""] = made.add(needs.capabilities)
        found |= {(name, gone): made.add(rest) for gone, rest in without(needs.capabilities).items()}
    world = made.write(tmp_path_factory.mktemp("school"))
    with Sandbox(world=world, generation="ai") as box:
        yield box, found


def refused(box: Sandbox, key: str, calls: list[Call]) -> list[tuple[str, str]]:
    """What is not sent, or refused for lack of a right: events, each with the capability that is named."""
    found = []
    with Client(box.url, key, session=box.session()) as client:
        for event, options in calls:
            try:
                client.send(event, **options)
            except (NotSent, PermissionRefused) as problem:
                found.append((event, getattr(problem, "capability", "")))
            except ServerError:  # a file that is not there, and such
                pass
    return found


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_lesson_sends_is_not_refused_to_the_least_key_and_is_to_any_with_less(
    school: Keyed, lesson: str
) -> None:
    """About projects that are there: those that it makes are none of the key's."""
    box, key_of = school
    needs, calls = OF_LESSONS[lesson], LESSONS[lesson]
    told = {*needs.signed_in, *needs.impossible}

    assert told == NO_KEY_MAY.get(lesson, set())
    assert dict(refused(box, key_of[lesson, ""], calls)) == dict.fromkeys(told - {"keys"}, "")
    for gone in needs.capabilities:
        assert gone in {capability for _, capability in refused(box, key_of[lesson, gone], calls)}, gone
    assert needs.makes_projects == any(gone == "project:create" for gone in needs.capabilities)
