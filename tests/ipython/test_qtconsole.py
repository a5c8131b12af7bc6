"""qtconsole, in its own widget: what a person reads there is text."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.long,  # it is a window, with Qt: not among what CI installs
    pytest.mark.skipif(
        find_spec("qtconsole") is None or find_spec("qtpy") is None,
        reason="there is no qtconsole (pip install qtconsole PyQt5)",
    ),
]
PROGRAM = """
import sys
import time
from qtconsole.manager import QtKernelManager
from qtconsole.rich_jupyter_widget import RichJupyterWidget
from qtpy.QtWidgets import QApplication

app = QApplication([])
manager = QtKernelManager(kernel_name="python3")
manager.start_kernel()
client = manager.client()
client.start_channels()
console = RichJupyterWidget()
console.kernel_manager, console.kernel_client = manager, client
for number, line in enumerate([*sys.argv[1:], ""], 1):
    while f"In [{number}]:" not in console._control.toPlainText():
        app.processEvents()
        time.sleep(0.01)
    if line:
        console.execute(line)
sys.stdout.buffer.write(console._control.toPlainText().encode())
client.stop_channels()
manager.shutdown_kernel(now=True)
"""
LINES = {
    "%cocalc ping": "ping → pong · [sandbox]",
    "%cocalc projects": "title           project id",
    "%cocalc help ping": "Fields of the response (pong):",
    "%cocalc form create_project": "%cocalc help create_project lists its options.",
    "%cocalc pin": "Not sent: there is no event 'pin'.",
}


def test_everything_is_text_in_qtconsole() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "%load_ext cocalc_magic", *LINES],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )

    said = done.stdout
    assert [words for words in LINES.values() if words not in said] == []
    assert not any(sign in said for sign in ("<div", "<span", "Widget", "object at 0x", "Traceback"))
