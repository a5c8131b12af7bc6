"""Folders of packages as wheels, and the list of them that Pyodide loads by."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

LEFT_OUT = re.compile(
    r"(^|/)(tests?|labextension|nbextension)/|\.(so|pyi|pyx|c|h)$|(^|/)(RECORD|direct_url\.json|REQUESTED)$"
)
"""What a package has for other uses than to be imported."""
THEN = (2020, 1, 1, 0, 0, 0)
"""The time of every file, so that the same files make the same wheel."""

Lock = dict[str, dict[str, Any]]


def archive(target: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write a zip file that depends on nothing but names and contents."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, data in sorted(files):
            entry = zipfile.ZipInfo(name, THEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, data)


def contents(folder: Path) -> list[tuple[str, bytes]]:
    """Return the files below a folder by their names in an archive."""
    return [
        (file.relative_to(folder).as_posix(), file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file() and not LEFT_OUT.search(file.relative_to(folder).as_posix())
    ]


def entry(name: str, version: str, wheel: Path, depends: Iterable[str] = ()) -> dict[str, Any]:
    """Describe a wheel for Pyodide's lock file."""
    return {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "depends": sorted(depends),
        "imports": [],
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }


def distribution(folder: Path) -> tuple[str, str]:
    """Return name and version of the package whose metadata lies in a `.dist-info` folder."""
    name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
    return re.sub(r"[-_.]+", "-", name).lower(), version


def write_wheel(name: str, version: str, target: Path, files: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """Write one wheel into the folder and return its entry."""
    wheel = target / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    archive(wheel, files)
    return entry(name, version, wheel)


def write_wheels(installed: Path, target: Path) -> Lock:
    """Write the packages of a folder of installed ones as one wheel each."""
    lock: Lock = {}
    files = contents(installed)
    for metadata in sorted(installed.glob("*.dist-info")):
        name, version = distribution(metadata)
        tops = {metadata.name, *top_level(metadata)}
        own = [(path, data) for path, data in files if path.split("/")[0] in tops]
        lock[name] = write_wheel(name, version, target, own)
    return lock


def top_level(metadata: Path) -> set[str]:
    """Return the folders and modules at the top of a package, by what was installed, compiled or not."""
    paths = (line.split(",")[0].strip('"') for line in (metadata / "RECORD").read_text("utf-8").splitlines())
    tops = {path.split("/")[0] for path in paths if not path.startswith((".", "/"))} - {"__pycache__", "bin"}
    return tops | {f"{top}c" for top in tops if top.endswith(".py")}


def write_stand_in(name: str, target: Path, modules: Iterable[Path] = ()) -> dict[str, Any]:
    """Write a wheel of modules of ours, or none, for a package that is asked for and cannot be here."""
    label = name.replace("-", "_")
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n".encode()
    files = [(module.name, module.read_bytes()) for module in modules]
    return write_wheel(name, "0", target, [(f"{label}-0.dist-info/METADATA", metadata), *files])


def rewrite_wheel(wheel: Path, target: Path) -> dict[str, Any]:
    """Copy a wheel that comes as such, and return its entry."""
    name, version = distribution(Path("-".join(wheel.name.split("-")[:2]) + ".dist-info"))
    with zipfile.ZipFile(wheel) as packed:
        files = [(path, packed.read(path)) for path in packed.namelist()]
    return write_wheel(name, version, target, files)


def write_lock(pyodide: Path, packages: Lock, target: Path) -> None:
    """Write the lock file of the page: these packages, for this Pyodide."""
    info = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))["info"]
    (target / "pyodide-lock.json").write_text(json.dumps({"info": info, "packages": packages}), "utf-8")
