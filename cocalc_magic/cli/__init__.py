"""The program `cocalc-magic`: the language of the magic in a shell.

From the bottom up: arguments, terminal, completion, main.
"""
