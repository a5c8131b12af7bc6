"""The drawing of the layers, from the imports of the code: what is above imports what is below.

A line is an import that does not follow from others; numbers are the stations of a message, in their order.
"""

from __future__ import annotations

from html import escape

from tests.imports import imports

PACKAGE = ("cocalc_magic",)
WAY = ("ipython", "syntax", "session", "client", "response", "render", "widgets")
"""The stations of a message, in the order in which it passes them."""

WIDTH, BOX, HEIGHT, ROW, MARGIN = 940, 104, 30, 76, 20  # pixels
STYLE = (
    "rect{fill:#f6f8fa;stroke:#8b949e}.way rect{fill:#ddf4ff;stroke:#0969da}"
    "text{font:13px sans-serif;text-anchor:middle;fill:#1f2328}line{stroke:#c8ced5}"
    "circle{fill:#0969da}.number{font-size:11px;fill:#fff}"
)


def edges() -> dict[str, set[str]]:
    """Return what each folder and module of the package imports of the others."""
    found: dict[str, set[str]] = {}
    for link in imports():
        if link.folder == PACKAGE and "__" not in "".join(link.edge):
            importer, imported = link.edge
            found.setdefault(importer, set()).add(imported)
            found.setdefault(imported, set())
    return found


def levels(graph: dict[str, set[str]]) -> dict[str, int]:
    """Return the height of each: one more than that of the highest that it imports."""
    heights: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in heights:
            heights[name] = 1 + max(map(height, graph[name]), default=-1)
        return heights[name]

    for name in graph:
        height(name)
    return heights


def lines(graph: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return the imports that do not follow from others."""

    def reach(name: str) -> set[str]:
        return graph[name].union(*map(reach, graph[name]))

    return [
        (name, imported)
        for name in sorted(graph)
        for imported in sorted(graph[name])
        if not any(imported in reach(other) for other in graph[name] - {imported})
    ]


def places(heights: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Return the middle of each box."""
    top = max(heights.values())
    rows = {level: sorted(name for name in heights if heights[name] == level) for level in range(top + 1)}
    return {
        name: (WIDTH * (number + 1) / (len(row) + 1), MARGIN + HEIGHT / 2 + (top - level) * ROW)
        for level, row in rows.items()
        for number, name in enumerate(row)
    }


def svg() -> str:
    """Return the drawing."""
    graph = edges()
    middle = places(levels(graph))
    bottom = max(y for _, y in middle.values()) + HEIGHT / 2 + MARGIN
    parts = [_line(*middle[name], *middle[imported]) for name, imported in lines(graph)]
    parts += [_box(name, *place) for name, place in middle.items()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom:.0f}" role="img">'
        f"<title>Layers of the package, and the way of a message</title><style>{STYLE}</style>"
        f'<rect width="100%" height="100%" style="fill:#fff;stroke:none"/>{"".join(parts)}</svg>\n'
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}"/>'


def _box(name: str, x: float, y: float) -> str:
    """Return a box with its name, and its number where it is a station."""
    left, over = x - BOX / 2, y - HEIGHT / 2
    box = f'<rect x="{left:.0f}" y="{over:.0f}" width="{BOX}" height="{HEIGHT}" rx="4"/>'
    text = f'<text x="{x:.0f}" y="{y + 4:.0f}">{escape(name)}</text>'
    if name not in WAY:
        return f"<g>{box}{text}</g>"
    number = WAY.index(name) + 1
    badge = f'<circle cx="{left:.0f}" cy="{over:.0f}" r="9"/>'
    digit = f'<text class="number" x="{left:.0f}" y="{over + 4:.0f}">{number}</text>'
    return f'<g class="way">{box}{text}{badge}{digit}</g>'
