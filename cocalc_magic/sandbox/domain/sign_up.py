"""What new passwords and new accounts must be like."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.addresses import is_address
from cocalc_magic.sandbox.errors import Refused
from cocalc_magic.sandbox.js_compat import as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

MIN_PASSWORD, MAX_PASSWORD = 8, 64  # characters of a new password
STRONG = 3  # of 4; a weaker password is rejected
_COMMON = ("password", "12345678", "qwertyui", "letmein", "iloveyou", "abcdefgh")


def obvious_issues(options: Mapping[str, Any], address: str, password: str) -> dict[str, str]:
    """Return what is wrong with a new account by field, as far as that shows at once."""
    issues = {}
    if not is_true(options.get("terms")):
        issues["terms"] = "You must agree to the terms of usage."
    if not is_address(address):
        issues["email"] = f"You must provide a valid email address -- '{address}' is not valid."
    if len(password) < MIN_PASSWORD:
        issues["password"] = "Your password must not be very easy to guess."  # noqa: S105 - a message
    elif len(password) > MAX_PASSWORD:
        issues["password"] = f"Your password must be at most {MAX_PASSWORD} characters long."
    elif problem := password_problem(password):
        issues["password"] = problem
    return issues


def password_strength(_world: World, _caller: object, options: Mapping[str, Any]) -> dict[str, Any]:
    """Rate how hard a password is to guess, from 0 to 4. Raises `Refused`."""
    password = options.get("password")
    if not password or not isinstance(password, str):
        raise Refused("Password is required")
    if problem := length_problem(password):
        raise Refused(problem)
    score = strength(password)
    return {"score": score, **({"help": password_problem(password)} if score < STRONG else {})}


def password_problem(password: Any) -> str | None:
    """Return why a password is rejected; `None` for a good one."""
    if not isinstance(password, str):
        return "Password is required"
    if strength(password) >= STRONG:
        return None
    reason = "This is a commonly used password." if _is_common(password) else "It is easy to guess."
    return f"Password is too weak. {reason}\n Add more words that are less common."


def length_problem(password: str) -> str | None:
    """Return why a password is too short or too long; `None` for another one."""
    length = len(as_text(password))
    if length < MIN_PASSWORD:
        return f"Password must be at least {MIN_PASSWORD} characters long"
    return f"Password must be at most {MAX_PASSWORD} characters long" if length > MAX_PASSWORD else None


def strength(password: str) -> int:
    """Rate a password from 0 to 4 by its length and the number of different characters; a rough guess."""
    if _is_common(password):
        return 0
    bits = len(set(password)) * math.log2(max(2, len(set(password)))) * min(len(password), 20) / 20
    return min(4, int(bits / 8))


def _is_common(password: str) -> bool:
    return password.lower().startswith(_COMMON)
