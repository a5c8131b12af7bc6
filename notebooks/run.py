"""Runs a notebook from start to end in the terminal, printing each cell and what it gives.

python notebooks/run.py [NOTEBOOK]        without a name: 01-first-steps.ipynb
"""

from __future__ import annotations

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
    """Print what a cell gave."""
    del cell_index, execute_reply
    for output in cell.outputs:
        text = output.get("text") or output.get("data", {}).get("text/plain")
        print((text or "\n".join(output.get("traceback", []))).rstrip(), end="\n\n", flush=True)


def main(path: Path) -> int:
    """Run it, and return 1 when a cell fails that should not."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=show_source,
        on_cell_executed=show_outputs,
    )
    try:
        client.execute()
    except CellExecutionError as problem:
        print(problem, file=sys.stderr)
        return 1
    jupyter = Path(sys.prefix) / "bin" / "jupyter"
    print(f"All cells of {path.name} ran. To open it in JupyterLab:\n\n    {jupyter} lab {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "01-first-steps.ipynb"))
