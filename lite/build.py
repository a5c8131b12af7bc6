"""Build the page: what is downloaded is compiled and packed, JupyterLite laid around it."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import Path

from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

from lite import download, page, wheels
from lite.target import emptied

HERE = Path(__file__).parent
GRAMMAR = HERE / "grammar"
ROOT = HERE.parent
SITE_PACKAGES = f"/lib/python{download.PYTHON}/site-packages"
STANDARD_LIBRARY = f"/lib/python{download.PYTHON.replace('.', '')}.zip"
MARK = "jupyter-lite.json"
CORE = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"]


def compile_folders(pyodide: Path, *folders: tuple[Path, str, str]) -> None:
    """Compile folders of Python files, each with where the page will have it and whether sources are kept."""
    arguments = [str(part) for folder in folders for part in folder]
    download.run("node", HERE / "compile.mjs", pyodide, *arguments)


def cached_parts(cache: Path) -> Path:
    """Return the folder with Pyodide, its library and the packages, compiled; made when there is none yet."""
    sources = [download.REQUIREMENTS, HERE / "compile.mjs", HERE / "sitecustomize.py"]
    versions = [PYODIDE_VERSION, str(download.GRAMMAR)]
    parts = cache / download.key(*versions, *(source.read_text("utf-8") for source in sources))
    if not parts.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = make_parts(Path(folder, "parts"))
            made.rename(parts)
    return parts


def make_parts(parts: Path) -> Path:
    """Download and compile what does not change with the extension."""
    say(f"Pyodide {PYODIDE_VERSION} and a grammar from npm, {len(download.pinned())} packages from PyPI")
    pyodide, library, packages = parts / "pyodide", parts / "library", parts / "packages"
    download.download_npm("pyodide", PYODIDE_VERSION, pyodide)
    download.download_grammar(parts / "grammar")
    shutil.unpack_archive(pyodide / "python_stdlib.zip", library)
    shutil.copy(HERE / "sitecustomize.py", library)
    download.download_packages(packages)
    say("compiled for the page's Python, once")
    compile_folders(pyodide, (library, STANDARD_LIBRARY, "drop"), (packages, SITE_PACKAGES, "drop"))
    return parts


def write_python(parts: Path, target: Path, work: Path) -> list[str]:
    """Write Python with all packages, ours too, into a folder, and return the names of the packages."""
    say("the extension, compiled and packed")
    target.mkdir(parents=True)
    ours = work / "ours"
    download.install(ours, ROOT)
    compile_folders(parts / "pyodide", (ours, SITE_PACKAGES, "keep"))
    for name in CORE:
        shutil.copy(parts / "pyodide" / name, target)
    wheels.archive(target / "python_stdlib.zip", wheels.contents(parts / "library"))
    lock = wheels.write_wheels(parts / "packages", target) | wheels.write_wheels(ours, target)
    lock |= {
        entry["name"]: entry for entry in (wheels.rewrite_wheel(w, target) for w in page.kernel_wheels())
    }
    lock["jedi"] = wheels.write_stand_in("jedi", target)
    lock["tree-sitter"] = wheels.write_stand_in("tree-sitter", target, GRAMMAR.glob("*.py"))
    wheels.write_lock(parts / "pyodide", lock, target)
    return sorted(lock)


def build(target: Path, cache: Path | None = None) -> None:
    """Build the page into a folder that is new or empty, or in place of an earlier page.

    Raises:
        BuildError: Something that it is made of cannot be had, or the folder has something else in it.
    """
    target = emptied(target, MARK)
    parts = cached_parts(cache or download.cache_folder())
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        lessons = copy_lessons(work / "lessons")
        say(f"JupyterLite with {len(lessons)} lessons")
        page.build_jupyterlite(target, work / "lessons", work)
        packages = write_python(parts, target / "static" / "pyodide", work)
    shutil.copytree(parts / "grammar", target / "static" / "tree-sitter")
    shutil.copy(GRAMMAR / "parse.mjs", target / "static" / "tree-sitter")
    page.configure(target, packages)
    page.write_launcher(target, lessons)
    page.prune(target)
    say("compressed twins of the files")
    page.write_twins(target)
    shutil.copy(HERE / "serve.py", target)


def copy_lessons(target: Path) -> dict[str, str]:
    """Copy the lessons into a folder and return their titles by their names."""
    target.mkdir()
    lessons = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for lesson in lessons:
        shutil.copy(lesson, target)
    return {lesson.name: title(lesson) for lesson in lessons}


def title(lesson: Path) -> str:
    """Return the first heading of a lesson."""
    first = json.loads(lesson.read_text("utf-8"))["cells"][0]["source"]
    return "".join(first).splitlines()[0].lstrip("# ")


def zip_page(target: Path) -> Path:
    """Pack a built page as one zip file beside it, without the compressed twins."""
    packed = target.with_name(f"{target.name}.zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(target.rglob("*")):
            if file.is_file() and file.suffix != ".gz":
                archive.write(file, Path(target.name, file.relative_to(target)))
    return packed


def say(step: str) -> None:
    """Print what is being done."""
    print(f"  {step} …", flush=True)
