"""What can't be done by messages on cocalc.ai: why, and the page or the message to use instead.

SERVER stands for the server's address.
"""

from __future__ import annotations

from cocalc_magic import catalog
from cocalc_magic.client.wire.translate.refusals import REFUSED as OLD
from cocalc_magic.client.wire.translate.refusals import Refusal

_KEYS = "Keys are made and changed on SERVER/settings/keys"
_PEOPLE = Refusal(
    "collaborators are added and removed by people, in a browser.",
    "In the settings of the project, which SERVER/projects lists",
)
_BILLING = Refusal("nothing about money is open to programs.", "In a browser: SERVER/settings/payments")
_LICENSES = Refusal(
    "licenses and upgrades were replaced by memberships.", "In a browser: SERVER/settings/membership"
)
_SETTINGS = Refusal(
    "it takes a person who has just signed in, in a browser.", "In the settings: SERVER/settings/profile"
)
_GONE = Refusal("the server has nothing of this kind any more.")
_SILENT = Refusal("it never had an answer of use.")
_COPIES = Refusal("copies have no ids; a copy is done when it is answered.")
_PUBLIC = Refusal(
    "published files are shown by pages for people alone.",
    "Yours are on SERVER/settings/public-shares",
)
_THEIRS = {
    event: refusal for event, refusal in OLD.items() if "servers sent" in refusal.reason
}  # no message at all
_AUTH = Refusal("tokens that sign somebody in are not made for programs.")

REFUSED = {
    **_THEIRS,
    "add_collaborator": _PEOPLE,
    "remove_collaborator": _PEOPLE,
    "invite_collaborator": _PEOPLE,
    "invite_noncloud_collaborators": _PEOPLE,
    "user_search": Refusal("people are not searched for by programs."),
    "copy_path_status": _COPIES,
    "copy_path_delete": _COPIES,
    "copy_public_path_between_projects": _PUBLIC,
    "public_get_text_file": _PUBLIC,
    "public_get_directory_listing": _PUBLIC,
    "public_get_project_info": _GONE,
    "create_account": Refusal("people make their accounts themselves.", "In a browser: SERVER/auth/sign-up"),
    "delete_account": _SETTINGS,
    "change_password": _SETTINGS,
    "change_email_address": _SETTINGS,
    "unlink_passport": _SETTINGS,
    "user_auth": _AUTH,
    "revoke_auth_token": _AUTH,
    "api_key": Refusal("keys are not made by programs.", _KEYS),
    "log_client_error": Refusal("reports of errors are taken from browsers alone."),
    "user_tracking": Refusal("what people do is noted by browsers alone."),
    "add_license_to_project": _LICENSES,
    "remove_license_from_project": _LICENSES,
    "get_available_upgrades": _LICENSES,
    "purchase_license": _LICENSES,
    "disconnect_from_project": _SILENT,
    "metrics": _SILENT,
    "start_metrics": _SILENT,
    "save_project": OLD["save_project"],
    "email_address_availability": Refusal("no server tells it."),
    "jupyter_start_pool": Refusal("kernels are not kept ready.", "%cocalc help project:jupyter.apiExecute"),
    "chatgpt": Refusal("language models are not open to programs."),
    "openai_embeddings_get": _GONE,
    "openai_embeddings_remove": _GONE,
    "openai_embeddings_save": _GONE,
    "openai_embeddings_search": _GONE,
    "get_syncdoc_history": Refusal("histories of files are not open to programs."),
}

MONEY = "stripe_"
"""What the messages begin with that are about money; all of them are refused."""


def refusal_of(event: str) -> Refusal | None:
    """Return why a message can't be sent there, and what to use instead."""
    if catalog.raw.is_raw(event) or catalog.generation_of(event) != "v1":
        return _instead_of(event)
    if event.startswith(MONEY) and event not in _THEIRS:
        return _BILLING
    return REFUSED.get(event)


_INSTEAD = {
    "projects/call": "project:system.exec",
    "projects/copy-path-status": "projects/copy-path",
    "projects/write-text-file": "project:system.writeTextFileToProject",
    "jupyter/execute": "project:jupyter.apiExecute",
    "jupyter/kernels": "project:jupyter.kernels",
    "/latex": "project:system.exec",
    "system.getCustomize": "/customize",
    "system.test": "system.ping",
    "projects.copyPathBetweenProjects": "projects/copy-path",
    "projects.start": "projects/start",
    "projects.stop": "projects/stop",
    "projects.touch": "projects/touch",
    "projects.state": "projects.getProjectState",
    "projects.status": "projects.getProjectState",
    "db.userQuery": "/user-query",
    "db.touch": "projects/touch",
    "jupyter.kernels": "project:jupyter.kernels",
    "jupyter.execute": "project:jupyter.apiExecute",
    "project:system.terminate": "projects/stop",
    "project:system.deleteFiles": "project:system.exec",
    "project:system.canonicalPaths": "project:system.realpath",
    "project:system.test": "project:system.ping",
    "project:system.jupyterExecute": "project:jupyter.apiExecute",
    "project:system.listJupyterKernels": "project:jupyter.getKernelStatus",
    "project:system.stopJupyterKernel": "project:jupyter.stop",
    "project:editor.newFile": "project:system.writeTextFileToProject",
    "project:editor.jupyterStripNotebook": "project:jupyter.stripNotebook",
    "project:editor.jupyterNbconvert": "project:jupyter.nbconvert",
    "project:editor.jupyterRunNotebook": "project:jupyter.runNotebook",
    "project:editor.jupyterKernelLogo": "project:jupyter.kernelLogo",
    "project:editor.jupyterKernels": "project:jupyter.kernels",
    "project:editor.formatterString": "project:editor.formatString",
}
"""Messages of servers before cocalc.ai, and those that do the same there."""

_BY_PEOPLE = {
    "projects/collaborators/": _PEOPLE,
    "projects.addCollaborator": _PEOPLE,
    "projects.removeCollaborator": _PEOPLE,
    "projects.invite": _PEOPLE,
    "projects.changeUserType": _PEOPLE,
    "billing/": _BILLING,
    "purchases": _BILLING,
    "shopping/": _BILLING,
    "vouchers/": _BILLING,
    "licenses/": _LICENSES,
    "public-paths/": _PUBLIC,
    "system.manageApiKeys": REFUSED["api_key"],
    "system.userSearch": REFUSED["user_search"],
    "accounts/search": REFUSED["user_search"],
    "projects/delete": Refusal("projects are deleted by people, in a browser.", "SERVER/projects"),
    "projects.deleteProject": Refusal("projects are deleted by people, in a browser.", "SERVER/projects"),
}
"""What the names begin with of messages that people do there, or nobody."""


def _instead_of(event: str) -> Refusal:
    """Return why a message of today's other servers is not there, and what to use instead."""
    if event in _INSTEAD:
        return Refusal(f"{_INSTEAD[event]} does it there.", f"%cocalc help {_INSTEAD[event]}")
    return next((why for start, why in _BY_PEOPLE.items() if event.startswith(start)), _GONE)
