"""Who may do what: the steps of the policy, which a request passes before anything is done.

The policy is data of the catalog. What is known here of a request is what its header and cookie stand for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import policy
from cocalc_magic.sandbox.domain.access import Caller, is_collaborator, is_uuid
from cocalc_magic.sandbox.domain.projects import of_account
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog.policy import Rule, Step
    from cocalc_magic.sandbox.storage.keys import Scope
    from cocalc_magic.sandbox.world import World

    CheckOptions = Callable[[Mapping[str, Any]], None]


class Rejected(Failed):
    """Raised where a refusal is more than a text; `error` is all of the response."""


@dataclass(frozen=True)
class Sender:
    """Who sends a request, as far as that is known.

    Args:
        session: The account that the cookie signs in.
        key: The owner of the key in the header; `None` for one that is not known.
        scope: What that key may do.
        has_header: Whether there is an Authorization header.
        scheme: The name of its scheme where that is another than Basic and Bearer.
    """

    session: Caller | None = None
    key: Caller | None = None
    scope: Scope | None = None
    has_header: bool = False
    scheme: str | None = None

    @property
    def caller(self) -> Caller | None:
        """The account that sends it: the cookie's, or else the key's."""
        return self.session or self.key


NOBODY = Sender()


@dataclass(frozen=True)
class _Visit:
    """A request while its steps are looked at."""

    world: World
    sender: Sender
    options: Mapping[str, Any]
    check_options: CheckOptions | None
    of_hub: bool

    def project_of(self, step: Step) -> Any:
        return self.options.get(step.get("of", "project_id"))


def check(
    world: World,
    rule: Rule,
    sender: Sender,
    options: Mapping[str, Any],
    check_options: CheckOptions | None = None,
    *,
    of_hub: bool = False,
) -> None:
    """Raise `Failed` where the sender may not do this.

    Args:
        check_options: What the message says of its own options, where the policy looks at them in between.
        of_hub: Whether it is a method of the hub, which looks at ids in its own way.
    """
    visit = _Visit(world, sender, options, check_options, of_hub)
    for step in rule.steps:
        kind = next(iter(step))
        if kind in _ENDS and _ENDS[kind](visit, step):
            return
        if kind in _CHECKS:
            _CHECKS[kind](visit, step)


def _no_key(visit: _Visit, step: Step) -> None:
    if visit.sender.has_header:
        raise _worded(step, "no key")


def _no_session(visit: _Visit, step: Step) -> None:
    if visit.sender.session:
        raise _worded(step, "no session")


def _worded(step: Step, kind: str) -> Failed:
    """Return the refusal of a step, whose words may stand inside of something."""
    if "within" in step:
        return Rejected({step["within"]: {"api": step[kind]}})
    return Thrown(step[kind])


def _signed_in(visit: _Visit, step: Step) -> None:
    if visit.sender.caller is None:
        raise Thrown(step["signed in"])


def _browser(visit: _Visit, step: Step) -> None:
    if visit.sender.session is None:
        raise Thrown(step["browser"])


def _admin(visit: _Visit, step: Step) -> None:
    if not (visit.sender.caller and visit.sender.caller.admin):
        raise Thrown(step["admin"])


def _bridge(visit: _Visit, step: Step) -> None:
    if not visit.sender.has_header:
        raise Thrown(policy.texts()["no header"])
    _scheme(visit, step)
    if visit.sender.key is None:
        raise Thrown(step["bridge"])


def _scheme(visit: _Visit, _step: Step) -> None:
    if visit.sender.scheme is not None:
        raise Thrown(policy.texts()["scheme"].format(scheme=visit.sender.scheme))


def _key(visit: _Visit, step: Step) -> None:
    """Refuse an unknown key, and one of another account than the cookie's."""
    _scheme(visit, step)
    key, session = visit.sender.key, visit.sender.session
    is_other = key and session and key.account_id != session.account_id
    if visit.sender.has_header and (key is None or is_other):
        raise Thrown(policy.texts()["unknown key"])


def _capability(visit: _Visit, step: Step) -> None:
    """Refuse a key without the capability, or without the project that it is for."""
    name, scope = step["capability"], visit.sender.scope
    if visit.sender.key is None:
        return
    has_it = scope is not None and name in scope.capabilities
    if "of" not in step:
        if not has_it:
            raise Thrown(policy.texts()["capability"].format(capability=name))
        return
    project_id = visit.project_of(step)
    if visit.of_hub:
        project_id = project_id.strip() if isinstance(project_id, str) else None
        if not project_id:
            raise Thrown(policy.texts()["no project"])
    if not has_it or scope is None or project_id not in scope.projects:
        shown = "undefined" if project_id is None else as_text(project_id)
        raise Thrown(policy.texts()["capability of project"].format(capability=name, project=shown))


def _first_project(visit: _Visit, step: Step) -> None:
    """Refuse a key that may not create the project that would come back."""
    name, scope, key = step["first project"], visit.sender.scope, visit.sender.key
    has_it = scope is not None and name in scope.capabilities
    if key and not has_it and not of_account(visit.world, key.account_id):
        raise Thrown(policy.texts()["capability"].format(capability=name))


def _collaborator(visit: _Visit, step: Step) -> None:
    project_id, caller = visit.project_of(step), visit.sender.caller
    if not (caller and is_uuid(project_id) and is_collaborator(visit.world, caller, project_id)):
        raise Thrown(step["collaborator"])


def _own_account(visit: _Visit, step: Step) -> None:
    account_id, key = visit.options.get("account_id"), visit.sender.key
    if key and account_id is not None and account_id != key.account_id:
        raise Thrown(step["own account"])


def _no_option(visit: _Visit, step: Step) -> None:
    if visit.sender.key and visit.options.get(step["no option"]) is not None:
        raise Thrown(step["text"])


def _needs(visit: _Visit, step: Step) -> None:
    if not is_true(visit.options.get(step["needs"])):
        raise Thrown(step["text"])


def _fresh(_visit: _Visit, step: Step) -> None:
    """Refuse: no session of a sandbox is of somebody who has typed the password just now."""
    code = {"code": step["fresh"]} if step["fresh"] else {}
    raise Rejected({"error": policy.texts()["fresh"], **code})


def _options(visit: _Visit, _step: Step) -> None:
    if visit.check_options:
        visit.check_options(visit.options)


def _always(_visit: _Visit, step: Step) -> None:
    raise Thrown(step["always"])


_CHECKS: dict[str, Callable[[_Visit, Step], None]] = {
    "no key": _no_key,
    "no session": _no_session,
    "signed in": _signed_in,
    "browser": _browser,
    "admin": _admin,
    "bridge": _bridge,
    "key": _key,
    "key or nobody": _scheme,
    "capability": _capability,
    "first project": _first_project,
    "collaborator": _collaborator,
    "own account": _own_account,
    "no option": _no_option,
    "needs": _needs,
    "fresh": _fresh,
    "options": _options,
    "always": _always,
}
_ENDS: dict[str, Callable[[_Visit, Step], bool]] = {
    "done with": lambda visit, step: visit.options.get(step["done with"]) is not None,
    "done without": lambda visit, step: visit.options.get(step["done without"]) is None,
}
"""What follows one of these is not looked at where it holds."""
