"""``login --browser``: a person signs in in a browser, and its page hands a key over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import browser

if TYPE_CHECKING:
    from cocalc_magic.session.login import Desk


def log_in(desk: Desk, server: str) -> str:
    """Opens the sign-in page of a server in a browser, takes the key, has it confirmed, and uses it.

    What was done, in a sentence. Raises what :func:`browser.hand_over` raises, and what is wrong with the
    key.
    """
    where, link = desk.keyed(server), desk.link(server)
    print(  # noqa: T201
        f"A browser opens. Sign in to {where.name} there, within {browser.LIMIT / 60:g} minutes; it closes "
        "by itself. To give up, close it or interrupt this cell."
    )
    return desk.test(server, browser.hand_over(where, link))
