"""An exercise under its cell: what is missing, a button that checks again, and a solution that unfolds.

The solution goes to the page when somebody asks for it: neither the notebook nor the state of the widget has
it before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic.lessons.report import grade_blocks, solution_blocks
from cocalc_magic.widgets.blocks_view import BlocksView
from cocalc_magic.widgets.view_host import close_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.lessons.grade import Grade


class ExerciseView(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The grade of an exercise; `check` grades it again."""

    def __init__(self, grade: Grade, check: Callable[[], Grade]) -> None:
        self._grade, self._check = grade, check
        self.again = W.Button(description="Check again", layout={"width": "auto"})
        self.unfold = W.Button(description="Show a solution", layout={"width": "auto"})
        self.again.on_click(self._checked)
        self.unfold.on_click(self._unfolded)
        self.report, self.solution = W.VBox(), W.VBox()
        bar = W.HBox([self.again, self.unfold], layout={"flex_flow": "row wrap"})
        super().__init__([self.report, bar, self.solution])
        self._show()

    def _show(self) -> None:
        self._replace(self.report, BlocksView(grade_blocks(self._grade)))

    def _checked(self, _: Any) -> None:
        self._grade = self._check()
        self._show()

    def _unfolded(self, _: Any) -> None:
        shown = bool(self.solution.children)
        parts = () if shown else (BlocksView(solution_blocks(self._grade.exercise)),)
        self._replace(self.solution, *parts)
        self.unfold.description = "Show a solution" if shown else "Hide the solution"

    def _replace(self, box: W.VBox, *parts: W.Widget) -> None:
        old, box.children = box.children, parts
        for part in old:
            close_tree(part)
