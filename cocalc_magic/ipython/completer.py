"""Tab in our magics, as IPython asks for it; what it needs is loaded when somebody first presses it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.ipython.completion import Offer


def matcher(names: Callable[[], Mapping[str, Any]], titles: Callable[[], Mapping[str, str]]) -> Any:
    """A matcher of IPython's, over the variables and the titles of projects that there are by then."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher(identifier="cocalc_magic")  # type: ignore[untyped-decorator]  # IPython has no types
    def match(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        text = "\n".join([*lines[:-1], lines[-1][: context.cursor_position]])
        fragment, offers = _offers(text, names(), titles()) if "%cocalc" in text else ("", [])
        if not offers:
            return {"completions": [], "suppress": False}
        return {
            "completions": [SimpleCompletion(text=offer.text, type=offer.kind) for offer in offers],
            "matched_fragment": fragment,
            "suppress": True,
            "ordered": True,
        }

    return match


def _offers(text: str, names: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, list[Offer]]:
    from cocalc_magic.ipython import completion

    return completion.offers(text, completion.Known(names, titles, _server_names())) or ("", [])


def _server_names() -> list[str]:
    from cocalc_magic.config import servers_file

    try:
        return [servers_file.SANDBOX, *servers_file.load().all()]
    except CoCalcError:  # a broken file: the next message will tell
        return [servers_file.SANDBOX]
