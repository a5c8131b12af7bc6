"""A chart as a value: Vega-Lite, which pages draw by themselves, and SVG for exported notebooks."""

from __future__ import annotations

import json
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from cocalc_magic.config.servers_file import replace_file
from cocalc_magic.errors import CoCalcError, InvalidValue, PackageMissing
from cocalc_magic.sanitize import short_line
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import altair as alt

VEGA_LITE = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_MAX_WORDS = 200
_VERSION = "5.20"  # whose SVG is drawn
_MENU = {"actions": False}
"""No menu beside a chart: it has no name for those who listen, and sends the data to a site."""
_MISSING = "a chart needs altair and vl-convert, which are not installed: pip install 'cocalc-magic[charts]'"


def is_available() -> bool:
    """Return whether charts can be made here."""
    return find_spec("vl_convert") is not None


class Chart:
    """A chart, shown by any notebook; `spec` is Vega-Lite, `words` says in a line what is in it.

    Raises:
        PackageMissing: What charts are made with is not installed.
    """

    def __init__(self, spec: dict[str, Any], words: str) -> None:
        if not is_available():
            raise PackageMissing(_MISSING)
        self.words = short_line(words, _MAX_WORDS)
        self.spec = {"$schema": SCHEMA, "description": self.words, **spec}

    @cached_property
    def svg(self) -> str:
        """The chart as SVG, on white."""
        import vl_convert  # late, and large

        svg: str = vl_convert.vegalite_to_svg(
            {"background": "white", **self.spec}, _VERSION, allowed_base_urls=[]
        )
        return svg

    def to_altair(self) -> alt.Chart:
        """Return the chart as one of Altair's, to go on with. Raises `PackageMissing`."""
        try:
            import altair as alt  # late, and large, as above
        except ModuleNotFoundError:
            raise PackageMissing(_MISSING) from None
        chart: alt.Chart = alt.Chart.from_dict(
            {key: part for key, part in self.spec.items() if key != "$schema"}
        )
        return chart

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the chart to a file, `.svg` or `.json` (Vega-Lite), which its owner alone can read.

        Raises:
            InvalidValue: The file has another ending.
            CoCalcError: It can't be written.
        """
        file = typed_path(path)
        texts = {".svg": lambda: self.svg, ".json": lambda: json.dumps(self.spec, indent=2)}
        if file.suffix not in texts:
            raise InvalidValue(f"a chart is saved as .svg or .json, not as {file.name}.")
        try:
            replace_file(file, texts[file.suffix]())
        except OSError as problem:
            raise CoCalcError(f"{file} can't be written: {problem.strerror}.") from None
        return file

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = {VEGA_LITE: self.spec, "image/svg+xml": self.svg, "text/plain": repr(self)}
        return bundle, {VEGA_LITE: {"embed_options": _MENU}}

    def __repr__(self) -> str:
        return f"<Chart {self.words}>"
