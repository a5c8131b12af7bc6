"""The scripts and styles of the widgets: modules that import each other, and the one text that a page gets."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.design import widget_tokens
from cocalc_magic.widgets.assets import STATIC, script, sheet

if TYPE_CHECKING:
    from pathlib import Path

MODULES = sorted(path.stem for path in STATIC.glob("*.js"))
ENTRIES = [name for name in MODULES if "export default" in (STATIC / f"{name}.js").read_text("utf-8")]
STATEMENT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)

DESCRIBE = """
const found = {};
for (const path of process.argv.slice(1)) found[path] = Object.keys((await import(path)).default ?? {});
console.log(JSON.stringify(found));
"""


@pytest.mark.parametrize("name", ENTRIES)
def test_a_page_gets_one_module_that_imports_nothing(name: str) -> None:
    assert STATEMENT.findall(script(name)) == ["export default {"]


def test_a_module_that_two_import_is_there_once() -> None:
    text = script("table")

    assert text.count("function element(") == 1
    assert (
        text.index("function element(") < text.index("function searchField(") < text.index("= searchField(")
    )


@pytest.mark.skipif(not shutil.which("node"), reason="there is no node (apt-get install nodejs)")
def test_modules_and_what_is_made_of_them_are_the_same_to_a_javascript_engine(tmp_path: Path) -> None:
    for name in ENTRIES:
        (tmp_path / f"{name}.mjs").write_text(script(name), "utf-8")
    shutil.copytree(STATIC, tmp_path / "static")
    (tmp_path / "static" / "package.json").write_text('{"type": "module"}')
    paths = [tmp_path / f"{name}.mjs" for name in ENTRIES] + sorted((tmp_path / "static").glob("*.js"))

    node = ["node", "--input-type=module", "--eval", DESCRIBE, "--", *map(str, paths)]
    done = subprocess.run(node, capture_output=True, text=True, check=True)

    found = json.loads(done.stdout)
    for name in ENTRIES:
        assert found[str(tmp_path / f"{name}.mjs")] == found[str(tmp_path / "static" / f"{name}.js")]
        assert found[str(tmp_path / f"{name}.mjs")] in (["render"], ["initialize"])


def test_every_sheet_begins_with_the_design_and_the_theme() -> None:
    assert sheet() == f"{widget_tokens()}\n{(STATIC / 'theme.css').read_text('utf-8')}"
    assert sheet("table").startswith(sheet())
