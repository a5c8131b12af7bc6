"""A small shell for where no process can be started: the usual programs and constructs of bash, in Python.

It has variables, `if`, `for`, `while`, groups, pipes, redirections, here-documents and a background that runs
when it is waited for; no functions, no `case`, no `[[`. Errors are worded as bash and coreutils word them.

Paths lead nowhere outside of the project. `python` is this Python, and not isolated. A script can't be ended
while a program of it runs; its time is looked at before each, and whenever something is written.

From the bottom up: call, conditions, file_programs, files, grep, listing_programs, printf, builtins, python,
redirect, sort, state, runners, sums, symbols, syntax, text_programs, programs, words, script.
"""
