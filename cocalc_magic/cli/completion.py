"""Completion in bash and zsh: a script for the shell, which asks this program for each word.

Nothing is sent: events, options, values, commands, servers and files are known here.
"""

from __future__ import annotations

from cocalc_magic.errors import InvalidSyntax, what_there_is

_BASH = """\
_cocalc_magic() {
    local words
    words=$(cocalc-magic --complete "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    local IFS=$'\\n'
    COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
COMP_WORDBREAKS=${COMP_WORDBREAKS//=}
complete -o default -F _cocalc_magic cocalc-magic
"""
_ZSH = """\
#compdef cocalc-magic
_cocalc_magic() {
    local -a words
    words=("${(@f)$(cocalc-magic --complete "$LBUFFER" 2>/dev/null)}")
    compadd -S '' -- ${words:#}
    _files
}
compdef _cocalc_magic cocalc-magic
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH}


def script(words: list[str]) -> str:
    """Return the script for a shell.

    Raises:
        InvalidSyntax: There is none for it.
    """
    name = words[0] if words else ""
    if name not in SCRIPTS:
        hints = what_there_is(name, SCRIPTS, "There is one for", "")
        raise InvalidSyntax("--completion takes the name of a shell.", *hints)
    return SCRIPTS[name].rstrip("\n")


def offered(words: list[str]) -> str:
    """Return the completions of the last word of a line, one a line; nothing where there are none."""
    from cocalc_magic.ipython.completion import offers  # late: it loads the catalog
    from cocalc_magic.ipython.offers import Known, server_names

    _, _, rest = "".join(words[:1]).lstrip().partition(" ")
    completions = offers(f"%cocalc {rest}", Known({}, {}, server_names()))
    return "\n".join(offer.text for offer in completions[1] if "$" not in offer.text) if completions else ""
