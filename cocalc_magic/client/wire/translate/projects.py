"""Projects, their people and their licenses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire.translate.steps import Ask, Options, Steps, close, exact, many, via

if TYPE_CHECKING:
    from collections.abc import Callable

_INVITED = "project_id account_id title link2proj replyto replyto_name email subject"
_INVITED_NEW = "project_id to email title link2proj replyto replyto_name subject"
_NEXT_START = "it takes effect when the project starts the next time"


def create_and_start(options: Options) -> Steps:
    """Make a project, and start it where that is wanted."""
    names = ("title", "description", "image", "license")
    project_id = yield Ask("projects/create", {name: options[name] for name in names if name in options})
    if options.get("start"):
        yield Ask("projects/start", {"project_id": project_id["project_id"]})
    return {"project_id": project_id["project_id"]}


def _joined(value: Any, options: Options) -> dict[str, Any]:
    """Add a collaborator; v1 returned the projects that were joined by an invitation."""
    return {"project_id": value.get("project_id")} if options.get("token_id") else {}


def _one_person(options: Options) -> bool:
    via = isinstance(options.get("project_id"), str) and isinstance(options.get("account_id"), str)
    return via and not options.get("token_id")


def _license(event: str, *, remove: bool = False) -> Callable[[Options], Steps]:
    """Add a license to a project's map of licenses, or remove it; the others stay."""

    def run(options: Options) -> Steps:
        held: dict[str, Any] = {options["license_id"]: None if remove else {}}
        query = {"projects": {"project_id": options["project_id"], "site_license": held}}
        yield Ask(event, {"query": query, **({"options": [{"set": True}]} if remove else {})})
        return {}

    return run


TABLE = {
    "create_project": exact(
        via(
            "projects.createProject",
            "title description image license start noPool",
            lambda value, _: {"project_id": value},
        ),
        many("projects/create projects/start", "title description image license start", create_and_start),
        answer="project_created",
    ),
    "touch_project": close(
        via("projects/touch", "project_id", lost="it waits until the project runs"),
        via("projects.touch", "project_id", lost="it waits until the project runs"),
    ),
    "add_collaborator": exact(
        via("projects.addCollaborator", "project_id account_id token_id", _joined),
        via("projects/collaborators/add", "project_id account_id", fits=_one_person),
    ),
    "remove_collaborator": exact(
        via("projects.removeCollaborator", "project_id account_id"),
        via("projects/collaborators/remove", "project_id account_id"),
    ),
    "invite_collaborator": exact(via("projects.inviteCollaborator", _INVITED)),
    "invite_noncloud_collaborators": exact(
        via(
            "projects.inviteCollaboratorWithoutAccount",
            _INVITED_NEW,
            lambda _, options: {"mesg": f"Invited {options['to']} to collaborate on a project."},
            lost="what became of each address",
        ),
        answer="invite_noncloud_collaborators_resp",
    ),
    "add_license_to_project": close(
        many("db.userQuery", "project_id license_id", _license("db.userQuery"), lost=_NEXT_START),
        many("/user-query", "project_id license_id", _license("/user-query"), lost=_NEXT_START),
    ),
    "remove_license_from_project": close(
        many(
            "db.userQuery",
            "project_id license_id",
            _license("db.userQuery", remove=True),
            lost=_NEXT_START,
        )
    ),
}
