"""New files where people want them: none is written over unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.errors import AlreadyThere, CoCalcError

if TYPE_CHECKING:
    from pathlib import Path


def write_text(path: Path, text: str, hint: str, *, force: bool = False) -> None:
    """Write a file that is not there yet; `hint` says what to type where it is.

    Raises:
        AlreadyThere: Something is there, be it a link to nothing, and `force` is not given.
        CoCalcError: It cannot be written.
    """
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise AlreadyThere(f"{path} is there already.", hint) from None
    except OSError as problem:
        raise CoCalcError(f"{path} cannot be written: {problem.strerror}.") from None
