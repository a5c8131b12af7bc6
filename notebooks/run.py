"""Run notebooks from start to end in the terminal, printing each cell and its output.

python notebooks/run.py [--write] [NOTEBOOK…]        without a name: 01-first-steps.ipynb

--write keeps the outputs in the notebooks, in place of those that are there.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).resolve().parent


def show_source(cell: Any, cell_index: int) -> None:
    """Print a cell before it runs."""
    del cell_index
    prefix = "" if cell.cell_type == "markdown" else "    "
    print("\n".join(prefix + line for line in cell.source.splitlines()), end="\n\n", flush=True)


def show_outputs(cell: Any, cell_index: int, execute_reply: Any) -> None:
    """Print the outputs of a cell."""
    del cell_index, execute_reply
    for output in cell.outputs:
        text = output.get("text") or output.get("data", {}).get("text/plain")
        print((text or "\n".join(output.get("traceback", []))).rstrip(), end="\n\n", flush=True)


def run(path: Path, *, write: bool) -> bool:
    """Run a notebook; return whether all cells ran that should."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=show_source,
        on_cell_executed=show_outputs,
        record_timing=False,
        store_widget_state=False,  # the HTML of an output is complete without
    )
    try:
        client.execute(stderr=subprocess.DEVNULL)  # the log of the kernel's program is not the lesson's
    except CellExecutionError as problem:
        print(problem, file=sys.stderr)
        return False
    if write:
        notebook.metadata["language_info"] = {"name": "python"}
        notebook.metadata.pop("widgets", None)
        nbformat.write(notebook, path)
    return True


def main(argv: list[str]) -> int:
    """Run the notebooks, and return 1 when a cell fails that should not."""
    names = [name for name in argv if name != "--write"]
    paths = [Path(name) for name in names] or [HERE / "01-first-steps.ipynb"]
    for path in paths:
        if not run(path, write="--write" in argv):
            return 1
    jupyter = Path(sys.prefix) / "bin" / "jupyter"
    print(f"All cells of {paths[0].name} ran. To open it in JupyterLab:\n\n    {jupyter} lab {paths[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
