"""One direction of imports, a small door, light loading: from the source and from fresh processes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cocalc_magic

ROOT = Path(cocalc_magic.__file__).parent

# From the bottom up: a module imports only from lines above its own, and from its own package.
LAYERS = [
    {"sanitize"},
    {"errors"},
    {"catalog"},
    {"response"},
    {"syntax"},
    {"config"},
    {"client"},
    {"snippets"},
    {"from_curl"},
    {"browser"},
    {"session"},
    {"render"},
    {"widgets"},
    {"commands"},
    {"ipython"},
    {"__init__"},
]
SANDBOX_MAY_IMPORT = {"sanitize", "errors", "catalog", "sandbox", "__init__"}
HOMES = {  # a library -> where alone it may be imported
    "requests": {"client", "sandbox"},
    "urllib3": {"client", "sandbox"},
    "ipywidgets": {"widgets"},
    "anywidget": {"widgets"},
    "playwright": {"browser"},
    "cocalc_api": {"client"},
    "httpx": {"client"},
    "IPython": {"ipython", "__init__", "widgets"},
    "tornado": {"sandbox"},
    "sqlite3": {"sandbox"},
    "tree_sitter": {"from_curl"},
    "tree_sitter_bash": {"from_curl"},
}

FILES = sorted(ROOT.rglob("*.py"))


def part(path: Path) -> str:
    """The layer's name: the module or folder directly under the package."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[tuple[str, int]]:
    """Every imported module with its line, those inside functions too, those for types alone not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "cocalc_magic":
                found += [(f"cocalc_magic.{alias.name}", node.lineno) for alias in node.names]
            else:
                found.append((node.module, node.lineno))
    return found


def own(module: str) -> str | None:
    """The layer of one of our modules; ``None`` for another's, and for the version, which needs no module."""
    if module.split(".")[0] != "cocalc_magic" or module == "cocalc_magic.__version__":
        return None
    name = module.split(".")[1] if "." in module else "__init__"
    return "__init__" if name.startswith("__") else name


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_module_imports_only_from_the_layers_above_its_own(path: Path) -> None:
    here = part(path)
    height = {name: index for index, layer in enumerate(LAYERS) for name in layer}
    for module, line in imports(path):
        other = own(module)
        if other is None:
            continue
        where = f"{path.relative_to(ROOT)}:{line} imports {module}"
        if here == "sandbox":
            assert other in SANDBOX_MAY_IMPORT, (
                f"{where}; the sandbox imports sanitize, errors and catalog alone"
            )
        else:
            assert other == here or height[other] <= height[here], f"{where}, which stands below it"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_heavy_library_has_one_home(path: Path) -> None:
    for module, line in imports(path):
        homes = HOMES.get(module.split(".")[0])

        assert homes is None or part(path) in homes, f"{path.relative_to(ROOT)}:{line} imports {module}"


def test_every_module_has_a_layer() -> None:
    known = set().union(*LAYERS) | {"sandbox"}

    assert {part(path) for path in FILES} == known


def test_the_door_is_small_and_sorted() -> None:
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


UNIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}


def test_every_module_can_be_imported_on_windows_too() -> None:
    """What Windows lacks is imported within a function or under a question about the platform."""
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "")}

                assert not names & UNIX, f"{path.relative_to(ROOT)}:{node.lineno}"
