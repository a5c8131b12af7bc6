"""Values that only the shell knows (`$PID`, `$(uuidgen)`), carried through other languages as tokens.

A token is made of letters and digits, so that JSON, URLs and forms hand it on unchanged; at the end it
becomes a `$name` of the notebook.
"""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from cocalc_magic.sanitize.secret_forms import HIDDEN


@dataclass(frozen=True)
class Reference:
    """A value that is not written out: as the shell writes it, and as the notebook does.

    `required`: a person has to define it in the notebook; `secret`: it was in the text; `file`: the local
    file whose text it is.
    """

    source: str
    expression: str
    required: bool = False
    secret: bool = False
    file: str = ""


@dataclass
class References:
    """The references of one pasted text, by their tokens."""

    text: str
    entries: list[Reference] = field(default_factory=list)
    _secrets: dict[str, Reference] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Choose a prefix that the text itself does not contain."""
        serial = 0
        while (prefix := f"ref{serial}x") in self.text:
            serial += 1
        self._token = re.compile(rf"{prefix}(\d+)z")
        self._form = f"{prefix}{{}}z"

    def token(self, reference: Reference) -> str:
        """Return the token of a reference."""
        if reference not in self.entries:
            self.entries.append(reference)
        return self._form.format(self.entries.index(reference))

    def variable(self, name: str) -> str:
        """Return the token of a variable of the shell; the notebook's has its name if Python allows."""
        usable = re.sub(r"\W", lambda sign: f"_{ord(sign[0])}", name)
        usable = usable if usable.isidentifier() else f"arg_{usable}"
        return self.token(Reference(f"${name}", f"{usable}_" if keyword.iskeyword(usable) else usable, True))

    def output(self, source: str) -> str:
        """Return the token of a command's output, for which the notebook has a variable of its own."""
        same = next((known for known in self.entries if known.source == source), None)
        name = sum(known.expression.startswith("output_") for known in self.entries)
        return self.token(same or Reference(source, f"output_{name + 1}", True))

    def secret(self, text: str, name: str = "secret") -> str:
        """Return the token of a secret that stands in the text: the same for the same one."""
        if text not in self._secrets:
            taken = {known.expression for known in self.entries}
            numbered = (f"{name}_{number}" for number in count(2))
            free = next(usable for usable in chain([name], numbered) if usable not in taken)
            self._secrets[text] = Reference(HIDDEN, free, True, True)
        return self.token(self._secrets[text])

    def inside(self, value: Any) -> list[Reference]:
        """Return the references in a JSON value, in order."""
        text = value if isinstance(value, str) else json.dumps(value)
        return [self.entries[int(number)] for number in self._token.findall(text)]

    def alone(self, text: str) -> Reference | None:
        """Return the reference that is all of a text."""
        match = self._token.fullmatch(text)
        return self.entries[int(match[1])] if match else None

    def expanded(self, text: str) -> str:
        """Return the text with `${…}` for every token: what the notebook's language expands."""
        return self._token.sub(lambda match: f"${{{self.entries[int(match[1])].expression}}}", text)

    def restored(self, text: str) -> str:
        """Return the text as the shell has it."""
        return self._token.sub(lambda match: self.entries[int(match[1])].source, text)

    def without(self, text: str) -> str:
        """Return the text without its tokens."""
        return self._token.sub("", text)

    def in_json(self, text: str) -> str:
        """Return the text with quotes round each token that stands where JSON has a value."""
        parts, inside = [], False
        for piece in re.split(rf'(\\.|"|{self._token.pattern.replace("(", "(?:")})', text, flags=re.DOTALL):
            bare = not inside and self._token.fullmatch(piece)
            inside ^= piece == '"'
            parts.append(f'"{piece}"' if bare else piece)
        return "".join(parts)
