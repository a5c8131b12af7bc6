"""One direction of imports, a small public interface, light loading: from the source and from fresh processes.

Every folder declares the order of what is in it in the docstring of its `__init__`. `python -m tests.imports`
prints the orders that are missing or wrong, and `python -m tests.imports --write` writes them there.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import cocalc_magic
from tests import imports
from tests.imports import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOMES = {  # a library -> the folders and modules where alone it may be imported
    "requests": ("client", "sandbox/adapter.py", "sandbox/testing.py"),
    "urllib3": ("client", "sandbox/served.py"),
    "ipywidgets": ("widgets",),
    "anywidget": ("widgets",),
    "altair": ("render/chart.py",),
    "vl_convert": ("render/chart.py",),
    "playwright": ("browser",),
    "cocalc_api": ("client",),
    "httpx": ("client",),
    "pytest": ("pytest_plugin.py",),
    "IPython": ("ipython", "__init__.py", "widgets", "sandbox/runtime/page_kernels.py"),
    "tornado": ("sandbox/http/server.py",),
    "sqlite3": (
        "bulk/file_lock.py",
        "bulk/journal.py",
        "bulk/journal_file.py",
        "bulk/journals.py",
        "sandbox/storage",
        "sandbox/seed.py",
    ),
    "tree_sitter": ("from_curl",),
    "tree_sitter_bash": ("from_curl",),
}
SANDBOX_IMPORTS = {"host", "executors", "sanitize", "errors", "catalog", "design", "look"}
IMPORT_NOTHING_OF = {  # in the sandbox: a folder -> the folders it knows nothing of, in either direction of the order
    "domain": {"http", "api", "admin"},
    "storage": {"http", "api", "admin", "domain"},
    "runtime": {"http", "api", "admin"},
}
API = ("cocalc_magic", "sandbox", "api")
FILES = imports.files()


def within(path: Path, home: str) -> bool:
    return path.relative_to(ROOT).as_posix() == home or path.is_relative_to(ROOT / home)


@pytest.mark.parametrize("folder", imports.folders(), ids="/".join)
def test_what_is_in_a_folder_imports_only_what_is_declared_before_it(folder: imports.Parts) -> None:
    assert imports.problems(folder) == [], (
        f"declare in {imports.init_file(folder)}: {imports.sentence(folder)}"
    )


@pytest.mark.parametrize("folder", imports.folders(), ids="/".join)
def test_no_modules_import_each_other(folder: imports.Parts) -> None:
    """Neither at once nor late, in a function."""
    assert imports.circle(folder) == []


def test_the_sandbox_imports_nothing_of_the_client() -> None:
    beyond = [
        link
        for link in imports.imports()
        if link.module[1] == "sandbox" != link.imported[1] and link.imported[1] not in SANDBOX_IMPORTS
    ]

    assert beyond == []


def test_the_sandbox_is_loaded_late() -> None:
    """Who uses a server elsewhere loads none of it."""
    for path in FILES:
        if not within(path, "sandbox"):
            for node in imports.tree_of(path).body:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    assert "cocalc_magic.sandbox" not in ast.unparse(node).replace(" import ", "."), path


@pytest.mark.parametrize("folder", IMPORT_NOTHING_OF)
def test_a_folder_of_the_sandbox_keeps_to_its_subject(folder: str) -> None:
    """What a CoCalc does knows neither HTTP nor the APIs; what is kept knows neither."""
    beyond = [
        link
        for link in imports.imports()
        if link.module[1:3] == ("sandbox", folder)
        and link.imported[1] == "sandbox"
        and link.imported[2] in IMPORT_NOTHING_OF[folder]
    ]

    assert beyond == []


def test_no_api_of_the_sandbox_imports_another() -> None:
    beyond = [
        link
        for link in imports.imports()
        if link.folder == API and all((ROOT / "sandbox/api" / name).is_dir() for name in link.edge)
    ]

    assert beyond == []


def test_a_heavy_library_has_one_home() -> None:
    beyond = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in FILES
        for name, line in imports.raw_imports(path)
        if (homes := HOMES.get(name.split(".")[0])) and not any(within(path, home) for home in homes)
    ]

    assert beyond == []


def test_the_public_interface_is_small_and_sorted() -> None:
    assert cocalc_magic.__all__ == sorted(cocalc_magic.__all__)
    assert all(getattr(cocalc_magic, name) for name in cocalc_magic.__all__)


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Cleint'"):
        cocalc_magic.Cleint  # noqa: B018 - the access is what is tested


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import cocalc_magic", "IPython requests ipywidgets yaml"),
        ("import cocalc_magic.ipython.magics", "requests ipywidgets anywidget yaml pandas tornado sqlite3"),
        ("import cocalc_magic.catalog as c; c.messages()", "yaml requests IPython"),
        ("import cocalc_magic.client.client", "IPython ipywidgets yaml pandas"),
        ("import cocalc_magic.sandbox.cli", "requests IPython ipywidgets jupyter_client yaml"),
    ],
)
def test_loading_is_light(code: str, absent: str) -> None:
    report = f"{code}; import sys; print([name for name in {absent.split()} if name in sys.modules])"

    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}

    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True, env=plain
    )

    assert done.stdout.strip() == "[]"


NAMES_AI = re.compile(r"(?<![a-zA-Z0-9])ai(?![a-zA-Z0-9])", re.IGNORECASE)


def words_of(node: ast.AST) -> Iterator[str]:
    """The names in a node, and a text that can be one: the texts that people read have blanks."""
    for field, value in ast.iter_fields(node):
        if isinstance(value, str) and (field != "value" or not re.search(r"\s", value)):
            yield value
        elif isinstance(value, list):
            yield from (name for name in value if isinstance(name, str))


def names_ai(path: Path) -> bool:
    """Whether code names the generation; cocalc.ai itself, a server, is not meant."""
    words = (word for node in ast.walk(imports.tree_of(path)) for word in words_of(node))
    return any(NAMES_AI.search(re.sub(r"cocalc[._]ai(?!\w)", "", word, flags=re.I)) for word in words)


def test_a_generation_is_named_in_its_own_files_and_where_generations_are_listed() -> None:
    """What the newest is and does is asked of three tables, so that the next one touches no more."""
    own = re.compile(r"(^|/)ai(_\w+)?(\.py|/)")
    outside = {
        name for path in FILES if not own.search(name := path.relative_to(ROOT).as_posix()) and names_ai(path)
    }

    assert outside == {
        "catalog/generations.py",  # what is true of its servers
        "client/wire/translate/__init__.py",  # what its messages come to
        "sandbox/http/api_versions.py",  # what plays it
    }


UNIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}


def test_every_module_can_be_imported_on_windows_too() -> None:
    """What Windows lacks is imported within a function or under a question about the platform."""
    for path in FILES:
        for node in imports.tree_of(path).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "")}

                assert not names & UNIX, f"{path.relative_to(ROOT)}:{node.lineno}"
