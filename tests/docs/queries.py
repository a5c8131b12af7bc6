"""What people look for, with what is to be among the first three: a page or an event, or one of several."""

from __future__ import annotations

MESSAGES = {
    "create_project": "create_project",
    "copy_path_between_projects": "copy_path_between_projects",
    "/api/v1/project_exec": "project_exec",
    "/api/v2/projects/create": "projects/create",
    "https://cocalc.ai/api/v2/auth/cli/login/start": "auth/cli/login/start",
    "projects/stop": "projects/stop",
    "/exec": "/exec",
    "projects.createProject": "projects.createProject",
    "copyPathBetweenProjects": "projects.copyPathBetweenProjects",
    "project:system.exec": "project:system.exec",
    "delete a project": "projects/delete",
    "add collaborators": "add_collaborator projects/collaborators/add",
}
OPTIONS = {
    "timeout": "project_exec project:system.exec",
    "noPool": "create_project",
    "reset_code": "reset_forgot_password",
    "idle_timeout": "projects/set-admin-quotas",
    "timeout of project_exec": "project_exec",
    "--max-delete": "how-to/class",
}
ERRORS = {
    "You must be signed in to create a new project.": "create_project",
    "User 6d2e0d1c-2f3a-4b1e-9c77-0123456789ab does not have write access to project 3b9e2f60": "invite_collaborator",
    "must be logged in and a member of the admin group": "user_search",
    "banned -- please wait at least 58s before trying again": "user_auth",
    "Too many password resets per minute; try again later.": "forgot_password",
    "No account with e-mail address bob@example.edu": "forgot_password",
    "invalid uuid 1234 in account_ids -- 1234,5678": "get_usernames",
    "Internal error: unable to record user_tracking event open -- connection lost": "user_tracking",
    "Failed to create new project 'Seminar notes' -- no space left": "create_project",
    "cli auth challenge has not been approved": "auth/cli/login/redeem",
    "certificate verify failed: self-signed certificate": "how-to/campus-server",
    "429 Too Many Requests": "how-to/rows",
}
TASKS = {
    "class": "how-to/class",
    "how do I hand out homework": "how-to/class",
    "students' roster": "how-to/class",
    "Colab": "how-to/front-ends",
    "papermill": "how-to/ci",
    "cron": "how-to/shell",
    "scoped keys": "how-to/scoped-keys",
    "capabilities of a key": "how-to/scoped-keys",
    "login": "how-to/log-in",
    "sign in with email and password": "how-to/log-in",
    "uploading files": "how-to/files",
    "plot": "how-to/charts",
    "rate limits": "how-to/rows",
    "excel": "how-to/rows",
    "self-hosted server": "how-to/campus-server",
    "curl": "how-to/from-curl",
    "iframe": "how-to/embed",
    "pytest fixtures": "how-to/test-your-client",
    "PowerShell": "how-to/windows",
    "is not isolated": "understand/sandbox",
    "quoting": "reference/language",
}
KINDS = {"messages": MESSAGES, "options": OPTIONS, "errors": ERRORS, "tasks": TASKS}
