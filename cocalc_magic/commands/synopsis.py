"""The commands with their arguments and what they do, for help and completion."""

from __future__ import annotations

from typing import NamedTuple


class Synopsis(NamedTuple):
    """Arguments of a command, what it does, and lines that only its own help shows."""

    words: str
    meaning: str
    more: str = ""


SYNOPSES = {
    "help": Synopsis("[EVENT | OPTION | WORD]", "what there is, or all about one thing"),
    "docs": Synopsis(
        "[PAGE | EVENT | WORD…]",
        "pages of the documentation, of this version and without a network",
        "WORDs are searched in pages, messages, options and texts of errors. Without one it lists all pages.",
    ),
    "events": Synopsis("[WORD]", "the events, by subject"),
    "status": Synopsis("[--offline]", "server, key, whose it is, what it may do, and the current project"),
    "doctor": Synopsis("[SERVER]", "what a server speaks, whose the key is, and which events work there"),
    "conform": Synopsis(
        "[SERVER [SERVER]] [--write] [--cases FILE --world FILE] [--junit FILE] [--html FILE] [--timeout S]",
        "how far a server answers as CoCalc does: what is the same, what differs, and how",
        "Each message of the catalog is sent without a key, with an invented one, without an option, with "
        "one of a wrong type, and as its example where that only reads. The answers are compared with those "
        "of a fresh sandbox of the same generation, or with those of a second server.\n"
        "Nothing that writes is sent, unless --write says that the server may be thrown away. --cases sends "
        "recorded exchanges, with the keys of --world.\n"
        "In a shell: python -m cocalc_magic.conformance SERVER. Its exit status is 0 where nothing differs "
        "but what is published, else 1; 2 where the server could not be asked.",
    ),
    "login": Synopsis(
        "[SERVER] [--prompt | --page | --email ADDRESS [--name NAME] [--expire DAYS|never] | --browser] "
        "[--scope CAPABILITY,… [--projects PROJECT,…]] [--save keyring|file|no]",
        "log in with a key: in a form, on the line, by your password, or from the sign-in page; or sign in",
        "cocalc.ai: you make the key at https://cocalc.ai/settings/keys (%cocalc scope says which boxes to "
        "tick), and --page signs you in besides: it shows the address of a page, you approve there, and this "
        "kernel has your session for some hours. A session sends what no key may, and a key what no session "
        "may; each message goes with the one that works, with the key where both do. A session is in this "
        "kernel alone (--save keyring keeps it for later ones), and %cocalc logout ends it there, too.\n"
        "--scope says what the key may do, since no server tells: what it lacks is refused before it is "
        "sent. With a key that is there already nothing is asked.\n"
        "--email signs in, makes a key, and signs out; the password is asked for and not stored. For "
        "accounts with a password, at self-hosted servers with API v2; cocalc.ai makes no keys for "
        "programs.\n"
        "--browser opens the sign-in page, which hands a key over. Servers from before "
        "October 2024 have it, and the sandbox; cocalc.ai and later servers do not. It needs Playwright: "
        "pip install 'cocalc-magic[browser]'.\n"
        "cocalc.com was retired in July 2026; its keys work nowhere any more.",
    ),
    "logout": Synopsis(
        "[SERVER] [--forget]",
        "sign out, and forget the key in this kernel; --forget also the saved one",
    ),
    "keys": Synopsis(
        "[list | create NAME [--expire DAYS] [--save keyring|file | --show] | edit ID [--name NAME] "
        "[--expire DAYS|never] | delete ID [--yes] | legacy [reveal | create | regenerate | delete]] "
        "[--project PROJECT]",
        "the API keys of your account, or of a project",
    ),
    "scope": Synopsis(
        "[FILE]",
        "the least key for what was sent here, or for a notebook or script: capabilities, projects",
        "Keys of cocalc.ai have capabilities and projects. Nothing of FILE is run; a project that stands in "
        "a variable is shown as $name. What no key may send, and what cocalc.ai does not have, is listed.\n"
        "The result is a value: needs = %cocalc scope FILE.ipynb gives needs.capabilities and "
        "needs.projects.",
    ),
    "server": Synopsis(
        "[list | add NAME ADDRESS [--timeout S] [--proxy ADDRESS] [--ca FILE] [--insecure] "
        "| use NAME [--always] | use --clear | remove NAME]",
        "the servers by name, and which is in use",
    ),
    "sandbox": Synopsis(
        "[status | start [--data DIR] [--world FILE|class] [--generation v1|v1+v2|v2|conat|ai|all] [--empty] "
        "[--frame ORIGIN,…] [--in-process] "
        "| keys create --scope CAPABILITY,… [--projects ID,…] [--account ADDRESS] [--seconds S] "
        "| keys forget "
        "| look | stop | reset | fault [--status N] [--retry-after S] [--latency S] [--drop] [--html] "
        "[--truncate BYTES] [--content-type TEXT] [--after] [--event EVENT] [--every N] [--times N] "
        "| fault --clear]",
        "the embedded server: show its state, start, stop and reset it, make it fail",
        "With --in-process it is a part of this Python and starts nothing, as in a page of JupyterLite: "
        "commands run in a small shell, and no browser reaches it.\n"
        "With --generation ai it plays cocalc.ai, whose keys have capabilities and projects; keys create "
        "makes one that may do just this, and messages go with it from then on.\n"
        "look draws its sign-in page and its pages of projects with c.CoCalc.app_title, c.CoCalc.logo and "
        "c.CoCalc.accent, as your product has them. --frame says which other origins may frame these pages.",
    ),
    "projects": Synopsis(
        "[WORD] [--server SERVER]",
        "your projects: title, id, when they were last edited, state, members",
        "WORD is searched in titles, in names of members, and at the beginning of ids.\n"
        "The list is a value too: mine = %cocalc projects gives project_id=${mine[0]} and mine.to_frame().",
    ),
    "use": Synopsis(
        "PROJECT | --clear",
        "make a project the current one",
        "PROJECT is a title or its beginning, an id or its first characters, or a variable that holds one: "
        "%cocalc use $project. Later messages that need a project and name none are about it.",
    ),
    "open": Synopsis(
        "[PROJECT [PATH]] [--kiosk] [--sign-in [--account ID|ADDRESS]] [--server SERVER]",
        "a project's page: its link, the HTML that shows it in a frame of yours, and the frame itself",
        "PATH begins at the project's home folder; a slash at its end means a folder. --kiosk leaves out "
        "what leads elsewhere.\n"
        "--sign-in asks for the password of your account, or of --account, and makes a link that signs a "
        "browser in, once (the message user_auth). It is shown once, in a terminal or a live notebook, and "
        "never saved; whoever has it is that person for twelve hours.\n"
        "Who may show the page in a frame, the server's headers say. As read in CoCalc's documentation "
        "(Display Options; API Examples & Howto, until June 2025) and source (July 2026): "
        "/projects/ID/files/PATH?fullscreen=kiosk is the page for a frame; auth_token=TOKEN there signed "
        "in, servers with API v2 do that at /auth/impersonate and open their first page; their session stays "
        "with their own site, so that in a frame of another nobody is signed in, unless "
        "samesite_remember_me is set. On the sandbox all of it can be tried: its pages of projects may be "
        "framed by pages of this machine, and of the origins of sandbox start --frame.\n"
        "From Python: client.page_url(project, path, kiosk=True), client.sign_in_url(auth_token, project).",
    ),
    "course": Synopsis(
        "[init STUDENTS [--course NAME] | init --from PROJECT:PATH.course | plan | apply | drift | "
        "handout FOLDER | collect PATH --into FOLDER | return FOLDER | run COMMAND | status | board | "
        "report | end --on DATE] [--file FILE] [--server SERVER] [--jobs N]",
        "a class as a file: planned, applied, watched, ended",
        "class.yaml of the notebook's folder, or FILE, says who is in the class. init writes it from a "
        "list of students (CSV or $df: name, or first and last name; e-mail; group; your own columns), or "
        "from the file of CoCalc's own course page.\n"
        "plan shows what differs on the server: + to make, ~ to change, - to leave, = as planned; it "
        "sends nothing that writes. apply does just that, each exactly once, and asks before it writes "
        "to people (--yes, --no-invite). plan --delete also deletes the projects of students who have "
        "left; apply wants --max-delete N|P% then. drift is plan with the exit status 2 where something "
        "differs; what goes wrong there ends with 1. In a notebook -o NAME keeps the rows of each.\n"
        "handout puts a folder into every project (--to PATH), collect copies a path out of them into a "
        "folder for each student, and keeps what is there with other content; return puts these back as "
        "graded-PATH. run, or %%cocalc course run with a cell (in a shell run -, which reads it from "
        "standard input), runs bash in every project (--timeout S)."
        " --group GROUP chooses students, --force writes over files. status says who has started, and "
        "starts no project; board shows the students by their steps, with their last messages. With "
        "--background what is done in all projects goes on while other cells run.\n"
        "report --csv FILE --html FILE writes what was handed out, collected, returned and graded. end, "
        "once DATE has come, does what is asked for: --archive FILE, --stop, --remove-students (with "
        "--max-delete), --forget.\n"
        "Names of people are in FILE and in a hidden folder beside it, which you alone can read; end "
        "--forget deletes both, with reports and journals, and asks no server.",
    ),
    "upload": Synopsis(
        "FILE… [--project PROJECT] [--to PATH] [--force] [--quiet] [--server SERVER]",
        "files and folders of any kind and size into a project",
        "PATH begins at the project's home folder. --to data/ puts all into that folder, --to data gives a "
        "single file or folder this very path. Without --project it is the current one.\n"
        "A file is there only when it is complete, with the same size and hash as here. A file that is there "
        "already with the same content is skipped; other content is an error, unless --force replaces it.\n"
        "From Python: client.upload(project, local, remote).",
    ),
    "download": Synopsis(
        "PATH… [--project PROJECT] [--to DIR] [--force] [--quiet] [--server SERVER]",
        "files and folders of any kind and size out of a project",
        "PATH begins at the project's home folder, and may be a pattern: 'plots/*.png'. DIR is the folder of "
        "the notebook where it is left out; nothing is written outside of it.\n"
        "A file is here only when it is complete, with the same size and hash as there. A file that is here "
        "already with the same content is skipped; other content is an error, unless --force replaces it.\n"
        "From Python: client.download(project, remote, local); without local it gives the bytes of a file.",
    ),
    "record": Synopsis(
        "[FILE | --stop [--leave-out] | --discard]",
        "record messages and their responses in a file, which replay answers from",
        "Keys, passwords, tokens, e-mail addresses and names of people are replaced by stand-ins, and the "
        "file is searched for secrets before it is written: on a hit nothing is saved, and the error "
        "says where; --leave-out saves all messages but those.\n"
        "Nothing is written before --stop; --discard writes nothing.\n"
        "From Python: with client.recording(path).",
    ),
    "replay": Synopsis(
        "[FILE [--strict] [--expires 90d] [--expired warn|error] | --stop | FILE --diff [--server SERVER]]",
        "answer messages from a recording, without a server and without a key",
        "Messages are found by their options, in any order; equal ones are answered in theirs. --strict "
        "wants the recorded order. A message that is not in the recording is an error that says what comes "
        "nearest.\n"
        "--diff sends what only reads to a server again, and shows field by field what has changed.\n"
        "From Python: with client.replaying(path), or Client.of_recording(path); in tests with pytest the "
        "fixture cocalc_cassette, with --record-mode=none|once|new|rewrite.",
    ),
    "form": Synopsis("EVENT", "a form for a message, with its code"),
    "explore": Synopsis("[EVENT]", "browse all messages: help, form, history"),
    "history": Synopsis(
        "[N --again [--yes] | --export FORM FILE [--force] | --plot]",
        "what was sent, as a table, file (FORM is curl, python or notebook) or chart",
    ),
    "jobs": Synopsis(
        "[--stop NUMBER | --forget JOB|all]",
        "bulk work that goes on in this kernel, and what is kept of all that was sent with --each",
        "A journal of each server, account, event and folder is kept in Jupyter's data folder: by it "
        "the same line sends only what is missing. It holds the names of the rows and what came back, keys "
        "and passwords masked, and only you can read it.\n"
        "--forget removes one, or all that are not in use. %cocalc help --each tells how rows are sent.",
    ),
    "last-error": Synopsis("", "details of the last failure"),
    "raw": Synopsis(
        "NAME | METHOD /PATH [name=value …] [body:=JSON | args:=JSON] [flags of a message]",
        "send a message that is not in the catalog",
        "The shape of NAME says where it goes: some/new-thing (API v2), "
        "projects.newThing and project:system.newThing (conat), new_event (v1).\n"
        "METHOD is GET, POST, PUT, PATCH or DELETE; PATH is relative to the server's address; options of "
        "a GET become its query string.\n"
        "name=value is a text, name:=value is JSON; body:= is the whole body, args:=[…] the arguments "
        "of a conat message. Nothing is checked, so it asks first (--yes); the sandbox does not ask.",
    ),
    "from-curl": Synopsis(
        "CURL COMMAND",
        "turn a curl command into cells that send the same",
        "%%cocalc from-curl takes text of bash, zsh, cmd.exe or PowerShell: prompts, several lines and "
        "commands, variables, pipes. It says what it ignored, runs nothing and leaves keys out. "
        "The .cells of its value are the sources of the cells.",
    ),
    "lessons": Synopsis(
        "[DIR | --test FILE… | --seal FILE… [--to DIR]]",
        "notebooks that teach, with exercises: list them, or copy them into a folder",
        "Copies that are there already stay as they are.\n"
        "For teachers: --test runs the answers of exercise files in a kernel with a sandbox: the right one "
        "has to pass, each mistake has to get its hint, and without an answer an exercise must not be done.\n"
        "--seal writes files as students get them, in which nobody reads a solution by accident.",
    ),
    "check": Synopsis(
        "[NAME [--solution] [--strict] [--from FILE] | --reset]",
        "how far an exercise is, and what is missing; without a name the score",
        "It looks at the messages that were sent, the state of the server and values of the notebook. "
        "Its value is true if the exercise is done, and has .score, .missing and .hints.\n"
        "--strict raises if something is missing, --solution shows a right answer, --from takes the exercise "
        "from a file, whose conditions are Python and run here.\n"
        "--reset begins anew: earlier messages and scores do not count.",
    ),
    "pack": Synopsis(
        "LESSON [--to FILE.ipynb]",
        "a lesson as one notebook that runs without a server: its recording and its exercises are inside",
        "LESSON is a notebook, or the name of one of %cocalc lessons. It runs in a folder of its own, with a "
        "right answer to each exercise, and is then tried from its recording; secrets, addresses and names "
        "of people are replaced as by record. What no recording answers (a Client, faults, a sandbox of "
        "another generation) makes it fail, and nothing is written.",
    ),
    "unpack": Synopsis("", "the cell of such a notebook from which it is answered"),
    "version": Synopsis("", "of this package and of what it uses"),
}
