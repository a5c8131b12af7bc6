"""What the page is made of, from PyPI and npm, kept in a cache folder between builds."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PYTHON = "3.14"
"""The Python that Pyodide is."""
PLATFORM = ["--python-platform", "wasm32-pyodide2025", "--python-version", PYTHON]
NATIVE = ["pyyaml"]
"""Published with machine code alone, which they can do without: taken as this machine has them."""

GRAMMAR = {
    "web-tree-sitter": ("0.27.2", ["web-tree-sitter.js", "web-tree-sitter.wasm"]),
    "tree-sitter-bash": ("0.25.1", ["tree-sitter-bash.wasm"]),
}
"""What reads bash in the page, of npm: versions and files; on PyPI it is machine code."""


class BuildError(Exception):
    """What keeps the page from being built, and what to do about it."""


def cache_folder() -> Path:
    """Return the folder of what has been downloaded, as the XDG base directories have it."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "cocalc-magic", "lite")


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a program and return what it prints.

    Raises:
        BuildError: It is not installed, or it failed, with what it said.
    """
    program = shutil.which(str(command[0]))
    if program is None:
        raise BuildError(f"there is no {command[0]}; the page needs Node and npm (apt-get install npm)")
    finished = subprocess.run([program, *command[1:]], cwd=cwd, capture_output=True, text=True)
    if finished.returncode:
        raise BuildError(f"{' '.join(map(str, command))} failed:\n{finished.stderr[-2000:]}")
    return finished.stdout


def install(target: Path, *what: str | Path) -> None:
    """Install packages, without what they depend on, into a folder."""
    run(sys.executable, "-m", "uv", "pip", "install", "-q", "--no-deps", "--target", target, *what)


def pinned() -> list[str]:
    """Return the packages of the page with their versions."""
    lines = REQUIREMENTS.read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def download_packages(target: Path) -> None:
    """Install what the extension and the kernel depend on into a folder, for the page's Python."""
    native = [line for line in pinned() if line.partition("==")[0] in NATIVE]
    install(target, *PLATFORM, "--only-binary", ":all:", *(line for line in pinned() if line not in native))
    install(target, *native)


def download_npm(name: str, version: str, target: Path) -> None:
    """Unpack a package of npm into a folder that it makes."""
    with tempfile.TemporaryDirectory() as folder:
        run("npm", "pack", "--silent", f"{name}@{version}", cwd=Path(folder))
        shutil.unpack_archive(next(Path(folder).glob("*.tgz")), folder)  # as `package`
        shutil.move(Path(folder, "package"), target)


def download_grammar(target: Path) -> None:
    """Put the grammar of bash into a folder, with the licences of its parts."""
    target.mkdir()
    for name, (version, files) in GRAMMAR.items():
        package = target / name
        download_npm(name, version, package)
        for file in files:
            shutil.move(package / file, target)
        shutil.move(package / "LICENSE", target / f"{name}.LICENSE")
        shutil.rmtree(package)


def key(*parts: str) -> str:
    """Name a folder of the cache after what its contents depend on."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
