"""The commands as people see them: what follows each name, and what it does."""

from __future__ import annotations

from typing import NamedTuple


class Usage(NamedTuple):
    """What follows a command's name, what it does, and, a line each, what only its own help tells."""

    words: str
    meaning: str
    more: str = ""


USAGE = {
    "help": Usage("[EVENT | OPTION | WORD]", "what there is, or all about one thing"),
    "events": Usage("[WORD]", "the events, by subject"),
    "status": Usage("[--offline]", "server, key, whose it is, and the current project"),
    "doctor": Usage("[SERVER]", "what a server speaks, whose the key is, and which events work there"),
    "login": Usage(
        "[SERVER] [--prompt | --email ADDRESS [--name NAME] [--expire DAYS|never] | --browser] "
        "[--save keyring|file|no]",
        "give the key of a server: in a form, when asked, by your password, or from its sign-in page",
        "--email signs in, has a key made, and signs out; the password is asked for and kept nowhere. For "
        "accounts with a password, at servers of today, cocalc.com among them.\n"
        "--browser opens the page on which you sign in and which hands a key over. Servers from before "
        "October 2024 have it, and the sandbox; cocalc.com and later servers do not. It needs Playwright: "
        "pip install 'cocalc-magic[browser]'.",
    ),
    "logout": Usage("[SERVER] [--forget]", "drop the key in this kernel; --forget also the saved one"),
    "keys": Usage(
        "[list | create NAME [--expire DAYS] [--save keyring|file | --show] | edit ID [--name NAME] "
        "[--expire DAYS|never] | delete ID [--yes] | legacy [reveal | create | regenerate | delete]] "
        "[--project PROJECT]",
        "the keys of your account, or of a project, at the server",
    ),
    "server": Usage(
        "[list | add NAME ADDRESS [--timeout S] [--proxy ADDRESS] [--ca FILE] [--insecure] "
        "| use NAME [--always] | use --clear | remove NAME]",
        "the servers by name, and which is in use",
    ),
    "sandbox": Usage(
        "[status | start [--data DIR] [--world FILE] [--generation v1|v1+v2|v2|conat|all] [--empty] "
        "| stop | reset | fault [--status N] [--retry-after S] [--latency S] [--drop] [--html] "
        "[--truncate BYTES] [--content-type TEXT] [--after] [--event EVENT] [--times N] | fault --clear]",
        "the embedded server: what goes on in it, its life, and faults on order",
    ),
    "projects": Usage(
        "[WORD] [--server SERVER]",
        "your projects: title, id, when they were last edited, state, members",
        "WORD is looked for in titles, in names of members, and at the beginning of ids.\n"
        "The list is a value too: mine = %cocalc projects gives project_id=${mine[0]} and mine.to_frame().",
    ),
    "use": Usage(
        "PROJECT | --clear",
        "make a project the current one",
        "PROJECT is a title or its beginning, an id or its first characters, or a variable that holds one: "
        "%cocalc use $project. Every later message that needs a project and names none is about it.",
    ),
    "upload": Usage(
        "FILE… [--project PROJECT] [--to PATH] [--force] [--quiet] [--server SERVER]",
        "files and folders of any kind and size into a project",
        "PATH begins at the project's home folder. --to data/ puts all into that folder, --to data gives a "
        "single file or folder this very path. Without --project it is the current one.\n"
        "Nothing is there before it is whole, and its size and hash are those here. What is there already "
        "with the same content is left alone; with other content it is told, and --force writes over it.\n"
        "From Python: client.upload(project, local, remote).",
    ),
    "download": Usage(
        "PATH… [--project PROJECT] [--to DIR] [--force] [--quiet] [--server SERVER]",
        "files and folders of any kind and size out of a project",
        "PATH begins at the project's home folder, and may be a pattern: 'plots/*.png'. DIR is the folder of "
        "the notebook where it is left out; nothing is written outside of it.\n"
        "Nothing is here before it is whole, and its size and hash are those there. What is here already "
        "with the same content is left alone; with other content it is told, and --force writes over it.\n"
        "From Python: client.download(project, remote, local); without local it gives the bytes of a file.",
    ),
    "form": Usage("EVENT", "fill a message in, and see its code"),
    "explore": Usage("[EVENT]", "look through all messages: help, form, history"),
    "history": Usage(
        "[N --again [--yes] | --export FORM FILE]", "what was sent; FORM is curl, python or notebook"
    ),
    "last-error": Usage("", "all that is known of the last failure"),
    "raw": Usage(
        "NAME | METHOD /PATH [name=value …] [body:=JSON | args:=JSON] [flags of a message]",
        "send what the catalog lacks, as it stands",
        "NAME says by its shape where it goes, as those of the catalog: some/new-thing (API v2), "
        "projects.newThing and project:system.newThing (conat), new_event (v1).\n"
        "METHOD is GET, POST, PUT, PATCH or DELETE; PATH is below the server's address, and options of a GET "
        "stand behind it.\n"
        "name=value is a text, name:=value is JSON; body:= is all of it, args:=[…] what a message of conat "
        "is called with. Nothing is checked, so it asks first: --yes, and the sandbox does not ask.",
    ),
    "from-curl": Usage(
        "CURL COMMAND",
        "the cells that send what a curl command sends",
        "%%cocalc from-curl takes a whole text of bash, zsh, cmd.exe or PowerShell: prompts, several lines "
        "and commands, variables, pipes. It says what it left aside, runs nothing and writes out no key. "
        "The .cells of its value are the sources of the cells.",
    ),
    "version": Usage("", "of this package and what it stands on"),
}
