"""Which front end shows the notebook, by what it leaves in the kernel's environment, and what it needs."""

from __future__ import annotations

import importlib
import os
import sys


def default_view() -> str:
    """Return the view of responses that comes to life here.

    VS Code and Colab show each output in a frame of its own, which the view host does not reach; `bundle`
    names the widget as any output of ipywidgets does, and they show that.
    """
    return "bundle" if "VSCODE_PID" in os.environ or _in_colab() else "widgets"


def in_voila() -> bool:
    """Tell whether Voila shows the notebook, where cells cannot ask and widgets can."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def allow_widgets() -> None:
    """Have Colab load custom widgets, which it does for a notebook that asks for it."""
    if _in_colab():
        importlib.import_module("google.colab.output").enable_custom_widget_manager()


def _in_colab() -> bool:
    return "google.colab" in sys.modules  # its kernels import it
