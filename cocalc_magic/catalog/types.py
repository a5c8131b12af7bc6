"""The types of the catalog's data: messages, options, fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cocalc_magic.errors import UnknownOption, what_there_is

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_uuid(text: str) -> bool:
    """Return whether a text is an id as servers make them, and not a name."""
    return UUID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Option:
    """One named value sent with a message.

    `type` is `text`, `integer`, `number`, `boolean`, `uuid`, `project`, `object`, `any`
    or `array`, an array with its elements named (`array of text`), or several of these joined
    by `or`. A `project` travels as its uuid; a person may give its title instead. `current` marks
    an option that may be left out and for which the current project then stands. `since` and
    `until` are the dates between which servers know the option, where that differs from the
    message's own. `names_project`: its value names a project, or several.
    """

    name: str
    type: str
    meaning: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    current: bool = False
    since: str = ""
    until: str = ""
    names_project: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names_project", "project" in self.type.split())

    @property
    def types(self) -> tuple[str, ...]:
        """The alternatives of `type`, in order of preference."""
        return tuple(self.type.split(" or "))


@dataclass(frozen=True, slots=True)
class Field:
    """One named value of a response; `type` as for an option, or words where it is none of these."""

    name: str
    type: str
    meaning: str


NOBODY = "there is no key, or one that the server does not know"
NO_ADMINISTRATOR = "you are not an administrator"
NO_COLLABORATOR = "you are not a collaborator of the project"
NOT_OF_SOURCE = "you are not a collaborator of the source project"


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which the server refuses: when, and its error text (`{…}` is filled in).

    Those whom a message refuses whatever they ask are named alike everywhere: `NOBODY` and the others.
    """

    when: str
    error: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that a scoped key may be allowed; `of_projects`: in the projects that the key names alone."""

    name: str
    meaning: str
    of_projects: bool


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may send a message to a server with scoped keys.

    `capabilities` are all that a key needs; none where any key will do, or none is looked at. `project` names
    the option with the project that the key must be allowed, and `other_project` that with a second one.
    `key`, `session` and `nobody` tell whether a key, a person who is signed in, and somebody with neither
    can send it. `refusal` is what a key is told where no key can, and `sure` whether the server's source
    says all this in one place.
    """

    capabilities: tuple[str, ...]
    project: str
    other_project: str
    key: bool
    session: bool
    nobody: bool
    refusal: str
    sure: bool

    @property
    def projects(self) -> tuple[str, ...]:
        """The options with projects that the key must be allowed."""
        return tuple(filter(None, (self.project, self.other_project)))


@dataclass(frozen=True, slots=True)
class Example:
    """Options that make a valid message, and what it would be good for.

    On the sandbox's first world the example of a v1 message that is `open` runs as it stands, unless `needs`
    says in words what else it takes.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How to look up whether a message was carried out whose answer was lost.

    `ask` is a message that reads, with these `options`; a text such as `{path}` in them stands for the value
    of that option. The message was carried out where a record of the answer, or the answer itself, has what
    it says in each field of `same`, by option: the value itself, or a field that is an object has it as a
    name. An option that was not given stands in the field as nothing, as its default or as `unset`.

    With `new`, the field that tells records apart, only those count that were not there before the message
    was sent, and each for one message. `gives` are the fields of the lost answer, by those of the record.
    """

    ask: str
    options: Mapping[str, Any] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    new: str = ""
    unset: str = ""
    gives: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that the API can be asked.

    `response` is the event of a good answer (`None`: none was ever seen) and `fields` what it
    carries besides `event` and `id`. `read_only` and `idempotent` are `None` where it
    depends on the options. `confirm` is the reason to ask a person first, or empty. `removes` says that it
    deletes something, takes somebody away, or ends what is paid for. `secret`
    names the options that are never shown or kept. `availability` is how the recorded v1 server of
    March 2024 treats the event: `open` (it runs), `unhandled` (taken, but nothing runs),
    `closed` (known, but no part of the HTTP API) or `gone` (not known).

    `done` says what has happened after a good answer, with options in it: `{title|a project}` is the value of
    `title`, or the words behind the bar where it was not given.

    `read_back` says how to find out what became of it where its answer was lost.

    `key` says in words which keys a message of today takes: `none`, `any, or none`, `account`,
    `project`, `account or project`, `administrator`. `within` is the name of the object that
    its options travel in, and `ordered` names those that travel by themselves before it. A `raw` one is
    no entry of the catalog, and takes any options.

    `generations` are those that have it, the oldest first. `permission` is who may send it to servers with
    scoped keys, `None` where these have no such message; `api` is how it travels, where no wire is that of
    its first generation.
    """

    event: str
    subject: str
    summary: str
    description: str
    options: tuple[Option, ...]
    response: str | None
    fields: tuple[Field, ...]
    errors: tuple[Failure, ...]
    example: Example
    documented: bool
    availability: str
    read_only: bool | None = False
    idempotent: bool | None = False
    confirm: str = ""
    removes: bool = False
    secret: tuple[str, ...] = ()
    text_option: str | None = None
    since: str = ""
    until: str = ""
    generations: tuple[str, ...] = ("v1",)
    done: str = ""
    key: str = ""
    within: str = ""
    ordered: tuple[str, ...] = ()
    raw: bool = False
    api: str = ""
    permission: Permission | None = None
    read_back: ReadBack | None = None

    @property
    def generation(self) -> str:
        """The API that it travels by: `v1`, `v2` or `conat`; `path` for a raw one of none of them."""
        return self.api or self.generations[0]

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the options that must be given."""
        return tuple(option.name for option in self.options if option.required)

    @property
    def takes_id(self) -> bool:
        """Whether the message takes a free `id` that its response echoes."""
        return self.generation == "v1" and any(
            option.name == "id" and not option.required for option in self.options
        )

    def refusal(self, when: str) -> str | None:
        """Return the words in which the server refuses; `None` where it does not refuse by itself then."""
        return next((failure.error for failure in self.errors if failure.when == when), None)

    def own_seconds(self, options: Mapping[str, Any]) -> float:
        """Return the seconds that the message's own `timeout` option allows; 0 where it has none."""
        default = next((option.default for option in self.options if option.name == "timeout"), None)
        seconds = options.get("timeout", default)
        return float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 0.0

    def reads(self, options: Mapping[str, Any]) -> bool:
        """Return whether it only reads with these options: a query that asks, an action `get`."""
        if self.read_only is not None:
            return self.read_only
        if "query" in options:
            return _asks(options["query"]) and {"set": True} not in (options.get("options") or ())
        return any(option.name == "action" for option in self.options) and options.get("action") == "get"

    @property
    def may_remove(self) -> bool:
        """Whether there are options with which it removes something."""
        return self.removes or any(option.name in ("query", "action") for option in self.options)

    def removes_by(self, options: Mapping[str, Any]) -> bool:
        """Return whether it removes something with these options, as a query that deletes does."""
        flags = options.get("options") if "query" in options else None
        by_query = any(isinstance(flag, Mapping) and flag.get("delete") for flag in flags or ())
        return self.removes or by_query or (self.may_remove and options.get("action") == "delete")

    def has_project_names(self, options: Mapping[str, Any]) -> bool:
        """Return whether a project of these options is given by anything but its id."""
        values = [value for name, value in options.items() if self.option(name).names_project]
        return not all(
            is_uuid(item) for value in values for item in (value if isinstance(value, list) else [value])
        )

    @property
    def current_project(self) -> str | None:
        """The option that the current project stands for where it is left out.

        That is the one marked `current`, or the project that the message needs. Where another project has
        a part in it, which is which must be said.
        """
        marked = [option.name for option in self.options if option.current]
        projects = [option for option in self.options if option.names_project]
        alone = [option.name for option in projects if option.required and len(projects) == 1]
        return next(iter(marked or alone), None)

    def option(self, name: str) -> Option:
        """Return the option of this name. Raises `UnknownOption` with the existing ones."""
        for option in self.options:
            if option.name == name:
                return option
        if self.raw:  # by the one convention that all servers keep
            is_project = name.removesuffix("project_id") != name
            return Option(name, "project" if is_project else "any", "As it stands.")
        known = [option.name for option in self.options]
        where = f"%cocalc help {self.event} tells its {len(known)} options."
        raise UnknownOption(
            f"{self.event} takes no option {name!r}.", *what_there_is(name, known, "Its options:", where)
        )


def _asks(query: Any) -> bool:
    """Return whether every table of a query has a null, which asks for a field."""
    if isinstance(query, list):
        return all(map(_asks, query))
    tables = query.values() if isinstance(query, dict) else ()
    records = [record[0] if isinstance(record, list) and record else record for record in tables]
    return bool(records) and all(isinstance(record, dict) and None in record.values() for record in records)
