"""`tree_sitter_bash` in the page, whose grammar is loaded with the parser."""


def language() -> None:
    """Return nothing: there is one language."""
