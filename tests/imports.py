"""Who imports whom in the package, read from the source; `python -m tests.imports [--write]`.

The modules and folders inside a folder have an order, which the docstring of its `__init__` declares: "From
the bottom up: a, b, c." Each imports only from those named before it. `__init__` and `__main__` come after
them unless they are named. Imports inside functions count, and so do modules that are named in texts, since
those are loaded by their name; imports for types alone do not.

The program prints an order for every folder whose declaration is missing, incomplete or wrong, as close to the
declared one as the imports allow, and the circles for which there is none; `--write` writes the orders into
the docstrings.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cocalc_magic

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(cocalc_magic.__file__).parent
DECLARED = re.compile(r"From the bottom up: ([\w,\s]+)\.(?=\s|$)")
ENDS = ["__init__", "__main__"]
Parts = tuple[str, ...]  # of the name of a module: ("cocalc_magic", "client", "wire", "v1")


@dataclass(frozen=True)
class Import:
    """One module of the package that imports another."""

    module: Parts
    imported: Parts
    place: str  # file and line

    @property
    def folder(self) -> Parts:
        """The innermost folder that both are in."""
        common = 0
        while self.module[common] == self.imported[common]:
            common += 1
        return self.module[:common]

    @property
    def edge(self) -> tuple[str, str]:
        """What imports and what is imported: two entries of `folder`."""
        depth = len(self.folder)
        return self.module[depth], self.imported[depth]


def files() -> list[Path]:
    """Return every source file of the package."""
    return sorted(ROOT.rglob("*.py"))


def parts(path: Path) -> Parts:
    """Return the name of a file's module, `__init__` included."""
    return ("cocalc_magic", *path.relative_to(ROOT).with_suffix("").parts)


@cache
def modules() -> dict[str, Parts]:
    """Return every module by its dotted name."""
    return {".".join(names).removesuffix(".__init__"): names for names in map(parts, files())}


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a file, once."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def raw_imports(path: Path) -> list[tuple[str, int]]:
    """Return the dotted names that a file imports, of other packages too, with their lines."""
    return list(_raw_imports(tree_of(path), ".".join(parts(path))))


def _raw_imports(tree: ast.Module, here: str) -> Iterator[tuple[str, int]]:
    skipped = {id(node) for node in _for_types_alone(tree)} | {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in modules():
            yield node.value, node.lineno
        elif isinstance(node, ast.JoinedStr):  # f"cocalc_magic.sandbox.domain.{name}": any module there
            folder = str(getattr(node.values[0], "value", "")).rstrip(".") if node.values else ""
            if folder in modules() and not here.startswith(f"{folder}."):
                yield folder, node.lineno


def _for_types_alone(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.body:
                yield from ast.walk(statement)


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


@cache
def imports() -> list[Import]:
    """Return every import of one module of the package by another."""
    result = []
    for path in files():
        uses_version_alone = _uses_of_the_package(path) <= {"__version__"}
        for name, line in raw_imports(path):
            target = _module_of(name)
            version = name == "cocalc_magic.__version__" or (name == "cocalc_magic" and uses_version_alone)
            if target and target != parts(path) and not version:
                result.append(Import(parts(path), target, f"{path.relative_to(ROOT)}:{line}"))
    return result


def _module_of(name: str) -> Parts | None:
    """Return the module that a name is of, or that has it; `None` where it is not ours."""
    if name.split(".")[0] != "cocalc_magic":
        return None
    return modules().get(name) or modules().get(name.rpartition(".")[0])


def _uses_of_the_package(path: Path) -> set[str]:
    """Return what a file takes from `cocalc_magic` as such: its version needs no module."""
    return {
        node.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "cocalc_magic"
    }


@cache
def folders() -> dict[Parts, list[str]]:
    """Return each folder of two or more modules and folders with these, `__init__` and `__main__` apart."""
    entries: dict[Parts, list[str]] = {}
    for names in modules().values():
        for depth in range(1, len(names)):
            inside = entries.setdefault(names[:depth], [])
            if names[depth] not in (*inside, *ENDS):
                inside.append(names[depth])
    return {folder: sorted(inside) for folder, inside in entries.items() if len(inside) > 1}


def init_file(folder: Parts) -> Path:
    """Return the file that declares a folder's order."""
    return ROOT.joinpath(*folder[1:], "__init__.py")


def declared(folder: Parts) -> list[str]:
    """Return the order that a folder declares, with what comes after it by itself."""
    docstring = ast.get_docstring(ast.parse(init_file(folder).read_text(encoding="utf-8"))) or ""
    declaration = DECLARED.search(docstring)
    names = [name.strip() for name in declaration[1].split(",")] if declaration else []
    return names + [name for name in ENDS if name not in names]


@cache
def edges(folder: Parts) -> dict[tuple[str, str], str]:
    """Return which entries of a folder import which, each with one place where they do."""
    return {link.edge: link.place for link in imports() if link.folder == folder}


def circle(folder: Parts) -> list[str]:
    """Return entries of a folder that import each other, the first one again at the end; none where there is no circle."""
    graph: dict[str, list[str]] = {}
    for importer, imported in edges(folder):
        graph.setdefault(importer, []).append(imported)
    for start in sorted(graph):
        ways = [[start]]
        reached = set()
        for way in ways:
            for step in graph.get(way[-1], ()):
                if step == start:
                    return [*way, start]
                if step not in reached:
                    reached.add(step)
                    ways.append([*way, step])
    return []


def order(folder: Parts) -> list[str]:
    """Return an order that the imports allow, as close to the declared one as it goes; a circle is cut somewhere."""
    rank = {name: place for place, name in enumerate(declared(folder))}
    waiting = sorted({*folders()[folder], *ENDS}, key=lambda name: (rank.get(name, len(rank) - 2.5), name))
    waiting = [name for name in waiting if name not in ENDS or name in rank]
    needs = {name: {b for a, b in edges(folder) if a == name} for name in waiting}
    result: list[str] = []
    while waiting:
        wanted = set().union(*(needs[name] for name in waiting))
        free = [name for name in waiting if not needs[name] & set(waiting) - {name}]
        free = [name for name in free if name not in ENDS or name in wanted]
        result.append((free or [name for name in waiting if name not in ENDS] or waiting)[0])
        waiting.remove(result[-1])
    while result and result[-1] in ENDS:
        result.pop()
    return result


def sentence(folder: Parts) -> str:
    """Return the declaration of a folder's order."""
    return f"From the bottom up: {', '.join(order(folder))}."


def problems(folder: Parts) -> list[str]:
    """Return what is wrong with a folder's order: what is not named, what is not there, and each import against it."""
    names = declared(folder)
    missing = [name for name in folders()[folder] if name not in names]
    gone = [name for name in names if name not in (*folders()[folder], *ENDS)]
    against = [
        f"{place} imports {imported}, which is not named before {importer}"
        for (importer, imported), place in edges(folder).items()
        if importer in names and imported in names and names.index(imported) >= names.index(importer)
    ]
    return [
        *([f"not named: {', '.join(missing)}"] if missing else []),
        *([f"named and not there: {', '.join(gone)}"] if gone else []),
        *against,
    ]


def write(folder: Parts) -> None:
    """Write the order into the docstring of the folder's `__init__`, in place of the one that is there."""
    path = init_file(folder)
    source = path.read_text(encoding="utf-8")
    text = textwrap.fill(sentence(folder), 110, break_on_hyphens=False)
    if DECLARED.search(source):
        path.write_text(DECLARED.sub(lambda _: text, source, count=1), encoding="utf-8")
        return
    first = ast.parse(source).body[:1]
    if not first or not isinstance(first[0], ast.Expr):
        path.write_text(f'"""{folder[-1].capitalize()}.\n\n{text}\n"""\n{source}', encoding="utf-8")
        return
    lines = source.splitlines(keepends=True)
    end = first[0].end_lineno or 1
    docstring = "".join(lines[:end]).rstrip().removesuffix('"""').rstrip()
    path.write_text(f'{docstring}\n\n{text}\n"""\n{"".join(lines[end:])}', encoding="utf-8")


def main(argv: list[str]) -> int:
    """Print what is wrong and what to declare; write it where that is asked for."""
    wrong = 0
    for folder in folders():
        if not problems(folder):
            continue
        wrong += 1
        print(f"\n{'/'.join(folder)}/__init__.py: {sentence(folder)}")  # noqa: T201
        for words in problems(folder):
            print(f"  {words}")  # noqa: T201
        if way := circle(folder):
            print(f"  circle: {' -> '.join(way)}")  # noqa: T201
            print("".join(f"    {edges(folder)[pair]}\n" for pair in itertools.pairwise(way)))  # noqa: T201
        if "--write" in argv:
            write(folder)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
