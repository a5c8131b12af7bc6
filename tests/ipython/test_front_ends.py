"""What differs by the front end that shows the notebook, by what each leaves in the kernel's environment."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cocalc_magic.ipython.front_ends import allow_widgets, default_view, in_voila

if TYPE_CHECKING:
    import pytest


def test_responses_come_to_life_by_themselves_in_vs_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VSCODE_PID", raising=False)
    assert default_view() == "widgets"
    monkeypatch.setenv("VSCODE_PID", "4711")
    assert default_view() == "bundle"


def test_the_view_is_chosen_by_the_front_end_unless_it_is_configured(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VSCODE_PID", "4711")
    shell.run_line_magic("reload_ext", "cocalc_magic")
    magics = shell.magics_manager.registry["CoCalc"]
    assert magics.view == "bundle"

    shell.run_line_magic("config", "CoCalc.view = 'html'")
    assert magics.view == "html"


def test_colab_shows_bundles_once_its_custom_widgets_are_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    enabled: list[bool] = []
    output: Any = ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: enabled.append(True)
    for name, module in {"google.colab": ModuleType("google.colab"), "google.colab.output": output}.items():
        monkeypatch.setitem(sys.modules, name, module)

    assert default_view() == "bundle"
    allow_widgets()
    assert enabled == [True]


def test_voila_is_known_by_what_it_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "nginx")
    assert not in_voila()
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.8")
    assert in_voila()
