"""Loading the extension, loading it again, and taking it away, in a real shell."""

from __future__ import annotations

from typing import Any

import pytest


def hooks(shell: Any) -> dict[str, int]:
    """How much of what an extension can leave in a shell is there."""
    formatter = shell.display_formatter
    return {
        "cleanup": len(shell.input_transformers_cleanup),
        "post": len(shell.input_transformers_post),
        "matchers": len(shell.Completer.custom_matchers),
        "configurables": len(shell.configurables),
        "line magics": len(shell.magics_manager.magics["line"]),
        "cell magics": len(shell.magics_manager.magics["cell"]),
        "classes": len(shell.magics_manager.registry),
        **{
            kind: len(one.type_printers) + len(one.deferred_printers)
            for kind, one in (("bundle", formatter.mimebundle_formatter), *formatter.formatters.items())
        },
    }


def test_loading_it_again_adds_nothing(shell: Any) -> None:
    shell.cell("%cocalc ping")
    before = hooks(shell)

    for _ in range(3):
        shell.run_line_magic("reload_ext", "cocalc_magic")

    assert hooks(shell) == before
    assert shell.cell("%cocalc ping")["event"] == "pong"


def test_loading_it_again_keeps_server_project_and_history(shell: Any) -> None:
    made = shell.cell("%cocalc create_project title='kept over'")
    shell.cell("%cocalc use 'kept over'")

    shell.run_line_magic("reload_ext", "cocalc_magic")

    assert shell.cell("%cocalc project_exec command=pwd").request.options["project_id"] == made["project_id"]
    assert "create_project" in str(shell.cell("%cocalc history"))


def test_a_value_is_shown_after_it_is_loaded_again(shell: Any) -> None:
    response = shell.cell("%cocalc ping")

    shell.run_line_magic("reload_ext", "cocalc_magic")

    bundle, _ = shell.display_formatter.format(response)
    assert set(bundle) == {"text/plain", "text/html"}


def test_what_is_taken_away_leaves_nothing(shell: Any) -> None:
    loaded = hooks(shell)
    shell.run_line_magic("unload_ext", "cocalc_magic")
    bare = hooks(shell)

    shell.run_line_magic("load_ext", "cocalc_magic")

    assert hooks(shell) == loaded
    assert all(bare[name] <= loaded[name] for name in loaded)
    assert bare["cleanup"] == loaded["cleanup"] - 1
    assert bare["classes"] == loaded["classes"] - 1

    shell.run_line_magic("unload_ext", "cocalc_magic")
    with pytest.raises(Exception, match="cocalc"):
        shell.run_line_magic("cocalc", "ping")
