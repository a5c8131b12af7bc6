"""Smoke test of an installed package: `python smoke.py` in any folder, with the Python it is installed for.

It needs nothing that the package does not install. In a kernel that may ask nothing, the extension loads, a
message reaches the sandbox, and a form comes to life; the notebook reads well as HTML where nbconvert is.
`.ci/smoke` runs it from the wheel, on the lowest and the newest of Python and of what is depended on.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

import cocalc_magic

COMMANDS = os.name == "posix"  # Windows has the rest
CELLS = [
    "%load_ext cocalc_magic",
    "%cocalc ping",
    '%cocalc create_project title="Smoke <b>test</b>" -o project',
    '%cocalc project_exec project_id=$project command="echo $((6 * 7))" bash=yes' if COMMANDS else "6 * 7",
    "%cocalc form create_project",
]
DEPENDENCIES = ["IPython", "ipykernel", "ipywidgets", "anywidget", "requests", "urllib3", "tornado", "pyyaml"]
PATIENCE = 120.0  # seconds for a message of the kernel


def main() -> None:
    """Run the cells, look at what they show, and print what they ran on."""
    client = _script()
    manager, kernel = start_new_kernel(kernel_name="python3")
    try:
        outputs = [_run(kernel, cell) for cell in CELLS]
        _, ping, created, executed, form = (_html(shown) for shown in outputs)
        assert "pong" in ping, ping
        assert "Smoke &lt;b&gt;test" in created or "project_created" in created, created
        assert not COMMANDS or "42" in executed, executed
        _comes_to_life(kernel, outputs, form)
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)
    saved = _saved(outputs)
    versions = ", ".join(f"{name} {version(name)}" for name in DEPENDENCIES)
    sys.stdout.write(
        f"Python {platform.python_version()}, cocalc-magic {version('cocalc-magic')}: {client} {saved}\n"
        f"  {versions}\n"
    )


def _script() -> str:
    """Send a message as a script does."""
    from cocalc_magic.sandbox import Sandbox

    with Sandbox() as box, cocalc_magic.Client(box.url, box.key, session=box.session()) as client:
        assert client.ping()["event"] == "pong"
    return "a script, a notebook, a live form,"


def _run(kernel: Any, source: str) -> list[dict[str, Any]]:
    """Run a cell, and return the messages that it publishes."""
    messages: list[dict[str, Any]] = []
    reply = kernel.execute_interactive(
        source, timeout=PATIENCE, allow_stdin=False, output_hook=messages.append
    )
    assert reply["content"]["status"] == "ok", reply["content"]
    return messages


def _html(messages: list[dict[str, Any]]) -> str:
    bundles = [message["content"]["data"] for message in messages if "metadata" in message["content"]
               and message["msg_type"] in ("execute_result", "display_data")]  # fmt: skip
    return "".join(bundle.get("text/html", "") for bundle in bundles)


def _comes_to_life(kernel: Any, outputs: list[list[dict[str, Any]]], form: str) -> None:
    """Ask for the widget of the form, as a page does, and wait for its model."""
    token = re.search(r'data-ccm="(\w+)"', form)
    assert token, form
    opened = [message["content"] for messages in outputs for message in messages
              if message["msg_type"] == "comm_open"]  # fmt: skip
    (host,) = (comm["comm_id"] for comm in opened if "data-ccm" in str(comm["data"]["state"].get("_esm")))
    data = {"method": "custom", "content": {"want": token[1]}}
    kernel.shell_channel.send(kernel.session.msg("comm_msg", {"comm_id": host, "data": data}))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        content = kernel.get_iopub_msg(timeout=PATIENCE)["content"]
        answer = content.get("data", {}).get("content", {}) if content.get("comm_id") == host else {}
        if "id" in answer or "problem" in answer:
            assert "id" in answer, answer
            return
    raise AssertionError("the form did not come to life")


def _saved(outputs: list[list[dict[str, Any]]]) -> str:
    """Look at the notebook as HTML, where nbconvert is."""
    if importlib.util.find_spec("nbconvert") is None:
        return "without nbconvert"
    import nbformat
    from nbconvert import HTMLExporter

    cells = []
    for source, messages in zip(CELLS, outputs, strict=True):
        shown = [nbformat.v4.output_from_msg(message) for message in messages
                 if message["msg_type"] in ("execute_result", "display_data")]  # fmt: skip
        cells.append(nbformat.v4.new_code_cell(source, outputs=shown))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "smoke.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        page, _ = HTMLExporter().from_filename(str(path))
    text = re.sub(r"<[^>]*>", "", page)
    assert "pong" in text
    assert "42" in text
    return f"saved HTML by nbconvert {version('nbconvert')}"


if __name__ == "__main__":
    main()
