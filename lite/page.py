"""The page around the kernel: JupyterLite with our settings, without what it does not need."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from html import escape
from pathlib import Path
from typing import Any

from lite.download import run

TITLE = "cocalc-magic"
LAUNCHER = Path(__file__).with_name("launcher.html")
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", KERNEL, "anywidget"]
"""The prebuilt extensions of JupyterLab that the page has, by the folder of each."""
NEEDLESS = [
    "doc",
    "api/translations",
    "static/notebook",
    "*.LICENSE.txt",
    "rspack.config*",
    "package.json",
]
COMPRESSED = {".js", ".mjs", ".wasm", ".json", ".css", ".html", ".svg", ".ipynb"}
MIN_BYTES = 1000
"""Files below are not worth a twin."""
LOADED_BY_THE_KERNEL = ["micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython"]
"""What the kernel would look for on PyPI if it were not loaded with Python."""


def labextensions() -> Path:
    """Return the folder that JupyterLab's extensions are installed in."""
    return Path(sys.prefix, "share", "jupyter", "labextensions")


def kernel_wheels() -> list[Path]:
    """Return the wheels that come with the kernel: it, its installer and stand-ins."""
    wheels = sorted((labextensions() / KERNEL / "static" / "pypi").glob("*.whl"))
    return [wheel for wheel in wheels if not wheel.name.startswith("widgetsnbextension")]


def build_jupyterlite(target: Path, lessons: Path, work: Path) -> None:
    """Build JupyterLite with the lessons as its files."""
    extensions = [str(labextensions() / name) for name in EXTENSIONS]
    settings = {"ignore_sys_prefix": ["federated_extensions"], "federated_extensions": extensions}
    (work / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": settings}))
    run(
        sys.executable, "-m", "jupyterlite_core", "build", "--apps", "lab", "--contents", lessons,
        "--output-dir", target, "--no-sourcemaps", "--no-unused-shared-packages", cwd=work,
    )  # fmt: skip


def configure(target: Path, packages: list[str]) -> None:
    """Write the settings of the page: its title, its kernel, and nothing from elsewhere."""
    file = target / "jupyter-lite.json"
    config = json.loads(file.read_text("utf-8"))
    config["jupyter-config-data"] |= {
        "appName": TITLE,
        "disabledExtensions": DISABLED,
        "litePluginSettings": {f"{KERNEL}:kernel": kernel_settings(packages)},
    }
    file.write_text(json.dumps(config, indent=1), "utf-8")


def kernel_settings(packages: list[str]) -> dict[str, Any]:
    """Return the settings of the kernel: Python and its packages from the page, by one list."""
    return {
        "pyodideUrl": "./static/pyodide/pyodide.mjs",
        "disablePyPIFallback": True,
        "pipliteUrls": [],
        "loadPyodideOptions": {"packages": packages},
    }


def write_launcher(target: Path, lessons: dict[str, str]) -> None:
    """Write the page that the site opens at: the lessons by their titles, each a link that opens it."""
    links = (
        f'<li><a href="lab/index.html?path={name}">{escape(title)}</a>' for name, title in lessons.items()
    )
    text = LAUNCHER.read_text("utf-8").replace("<!-- lessons -->", "\n".join(links))
    (target / "index.html").write_text(text, "utf-8")
    lab = target / "lab" / "index.html"
    lab.write_text(
        lab.read_text("utf-8").replace("<title>JupyterLite</title>", f"<title>{TITLE}</title>"), "utf-8"
    )


DISABLED: list[str] = [
    "@jupyterlab/apputils-extension:announcements",  # asks elsewhere for news
    "@jupyterlab/extensionmanager-extension",
]


def prune(target: Path) -> None:
    """Remove what no page asks for."""
    for pattern in NEEDLESS:
        for path in [*target.glob(pattern), *target.glob(f"build/{pattern}")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_twins(target: Path) -> None:
    """Write the compressed twin of each file that shrinks, for servers that send those."""
    for file in sorted(target.rglob("*")):
        if file.suffix in COMPRESSED and file.stat().st_size >= MIN_BYTES:
            packed = gzip.compress(file.read_bytes(), 9, mtime=0)
            file.with_name(f"{file.name}.gz").write_bytes(packed)
