"""Run a script: expand its words, connect its programs, and follow their exit codes."""

from __future__ import annotations

import io
import time
from functools import partial
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.builtins import BUILTINS
from cocalc_magic.sandbox.runtime.small_shell.call import (
    Call,
    Exit,
    LoopEnd,
    Output,
    Streams,
    TimeOver,
    Usage,
)
from cocalc_magic.sandbox.runtime.small_shell.programs import ELSEWHERE, PROGRAMS
from cocalc_magic.sandbox.runtime.small_shell.redirect import redirected
from cocalc_magic.sandbox.runtime.small_shell.runners import EXECUTABLE, RUNNERS, run_file
from cocalc_magic.sandbox.runtime.small_shell.state import MAX_DEPTH, State
from cocalc_magic.sandbox.runtime.small_shell.symbols import Unexpected, Unreadable
from cocalc_magic.sandbox.runtime.small_shell.syntax import (
    Command,
    For,
    Group,
    If,
    Pipeline,
    Simple,
    While,
    parse,
)
from cocalc_magic.sandbox.runtime.small_shell.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_FOUND, _SYNTAX = 127, 2


class Script:
    """A shell while it runs a script."""

    def __init__(self, state: State, streams: Streams) -> None:
        self.state, self._streams = state, streams
        self._words = Words(state, self._printed)

    def run(self, text: str, *, is_argument: bool = False) -> int:
        """Run a script, and what it has left in the background; return its exit code.

        Raises `TimeOver` and `Killed`.

        Args:
            is_argument: It is one of `bash -c`, which some errors say.
        """
        state = self.state
        try:
            pipelines = parse(text)
        except Unreadable as problem:
            where = f"{state.args[0]}:{' -c:' * is_argument} line {problem.line + state.lines_before}"
            self._streams.err.line(f"{where}: {problem}")
            if isinstance(problem, Unexpected):
                self._streams.err.line(f"{where}: `{problem.shown}'")
            return _SYNTAX
        try:
            self._run(pipelines, self._streams)
        except Exit as end:
            state.code = end.code
        except LoopEnd:  # outside of a loop
            pass
        except Usage as problem:  # in a word
            self._streams.err.line(f"{state.where}: {problem}")
            state.code = 1
        except RecursionError:
            self._streams.err.line(f"{state.where}: too many commands in each other")
            state.code = 1
        self.finish_jobs()
        return state.code

    def call(self, words: list[str]) -> int:
        """Run one program and return its exit code. Raises `FileNotFoundError`, `TimeOver` and `Killed`."""
        if words[0] not in (*PROGRAMS, *EXECUTABLE, *ELSEWHERE):
            raise FileNotFoundError(2, "No such file or directory")
        return self.program(words, self.state.environ, self._streams)

    def _run(self, pipelines: Sequence[Pipeline], streams: Streams) -> None:
        state = self.state
        for place, pipeline in enumerate(pipelines):
            if pipeline.after == ";" or (pipeline.after == "&&") == (state.code == 0):
                state.code = self._pipeline(pipeline, streams)
                is_tested = pipeline.negated or (
                    pipelines[place + 1 : place + 2] and (pipelines[place + 1].after != ";")
                )
                if state.code and state.ends_on_failure and not is_tested:
                    raise Exit(state.code)

    def _holds(self, condition: list[Pipeline], streams: Streams) -> bool:
        """Run a condition, in which a failure ends nothing."""
        before, self.state.ends_on_failure = self.state.ends_on_failure, False
        try:
            self._run(condition, streams)
        finally:
            self.state.ends_on_failure = before
        return self.state.code == 0

    # -- commands ----------------------------------------------------------------------------------

    def _pipeline(self, pipeline: Pipeline, streams: Streams) -> int:
        """Run commands one after the other, each with what the one before has written."""
        if pipeline.background:
            return self._leave(pipeline)
        if len(pipeline.commands) == 1:
            code = self._command(pipeline.commands[0], streams)
            return int(not code) if pipeline.negated else code
        codes, stdin = [], streams.stdin
        for place, command in enumerate(pipeline.commands):
            is_last = place == len(pipeline.commands) - 1
            out = streams.out if is_last else Output(self.state.limit, deadline=self.state.deadline)
            codes.append(self._inner()._in_itself(command, Streams(stdin, out, streams.err)))
            stdin = io.BytesIO(out.data)
        code = max(codes) if self.state.fails_in_pipes else codes[-1]
        return int(not code) if pipeline.negated else code

    def _leave(self, pipeline: Pipeline) -> int:
        """Leave a pipeline to the background: it runs when it is waited for, or at the end of the script."""
        state = self.state
        inner, streams = self._inner(), self._streams._replace(stdin=io.BytesIO())
        state.last_job = str(int(state.last_job or state.process_id) + 1)
        state.jobs[state.last_job] = partial(inner._in_itself, pipeline.commands[0], streams)
        return 0

    def finish_jobs(self) -> None:
        """Run what was left to the background."""
        while self.state.jobs:
            self.state.jobs.pop(next(iter(self.state.jobs)))()

    def _in_itself(self, command: Command, streams: Streams) -> int:
        """Run a command in this shell, which is one for it alone."""
        try:
            code = self._command(command, streams)
        except Exit as end:
            code = end.code
        except LoopEnd:
            code = 0
        self.finish_jobs()
        return code

    def _command(self, command: Command, streams: Streams) -> int:
        """Run a command with its redirections."""
        state = self.state
        state.line = command.line
        if time.monotonic() >= state.deadline:
            raise TimeOver
        try:
            streams, files = redirected(command.redirections, streams, self._words)
        except OSError as problem:
            streams.err.line(f"{state.where}: {problem.filename}: {problem.strerror}")
            return 1
        code = self._what(command.what, streams)
        for path, output in files:
            state.files.write(path, bytes(output.data), append=True)
        return code

    def _what(self, what: Simple | For | While | If | Group, streams: Streams) -> int:
        if isinstance(what, Simple):
            return self._simple(what, streams)
        before, self._streams = self._streams, streams
        try:
            return self._compound(what, streams)
        finally:
            self._streams = before

    def _compound(self, what: For | While | If | Group, streams: Streams) -> int:
        if isinstance(what, Group) and what.own_shell:
            inner = self._inner()
            return inner._in_itself(Command(self.state.line, Group(what.body, own_shell=False)), streams)
        if isinstance(what, (For, While)):
            return self._loop(what, streams)
        body = what.body
        if isinstance(what, If) and not self._holds(what.condition, streams):
            body, self.state.code = what.otherwise, 0
        self._run(body, streams)
        return self.state.code

    def _loop(self, loop: For | While, streams: Streams) -> int:
        code = 0
        words = iter(self._words.expanded(loop.words)) if isinstance(loop, For) else None
        while words is None or (word := next(words, None)) is not None:
            if isinstance(loop, While):
                if self._holds(loop.condition, streams) == loop.until:
                    break
            else:
                self.state.variables[loop.name] = word or ""
            try:
                self._run(loop.body, streams)
            except LoopEnd as end:
                self.state.code = 0
                if not end.goes_on:
                    return 0
            code = self.state.code
        return code

    def _simple(self, simple: Simple, streams: Streams) -> int:
        """Set variables, or run a program with them in its environment."""
        state = self.state
        words, assigned = self._words.assigned(simple.words)
        if words:
            return self.program(words, state.environ | assigned, streams)
        state.variables.update(assigned)
        has_script = any(part.kind == "command" for word in simple.words for part in word)
        return state.code if has_script else 0

    # -- programs ----------------------------------------------------------------------------------

    def program(self, words: list[str], environ: dict[str, str], streams: Streams) -> int:
        """Run a program and return its exit code."""
        name, *args = words
        state = self.state
        call = Call(name, args, state.files, environ, state.deadline, streams)
        try:
            if runs_others := RUNNERS.get(name):
                return runs_others(self, call)
            if builtin := BUILTINS.get(name):
                call.name = f"{state.where}: {name}"
                return builtin(state, call)
            if "/" in name:
                return run_file(self, call)
            if program := PROGRAMS.get(name):
                return program(call)
        except Usage as problem:
            call.name = name if str(problem).startswith("usage:") else call.name
            return call.fail(str(problem), problem.code or _SYNTAX)
        except OSError as problem:
            return call.fail(str(problem.strerror or problem))
        here = f"; this shell has: {', '.join(names())}" if name in ELSEWHERE else ""
        streams.err.line(f"{state.where}: {name}: command not found{here}")
        return _NOT_FOUND

    def _printed(self, text: str) -> str:
        """Return what a script prints, without the ends of lines at its end."""
        if self.state.depth >= MAX_DEPTH:
            raise Usage("too many scripts in each other")
        out = Output(self.state.limit, deadline=self.state.deadline)
        inner = Script(self.state.of_inner(), self._streams._replace(out=out))
        inner.state.lines_before += self.state.line - 1
        self.state.code = inner.run(text)
        return out.data.decode("utf-8", "surrogateescape").rstrip("\n")

    def of(self, state: State, streams: Streams) -> Script:
        """Return another shell."""
        return Script(state, streams)

    def _inner(self) -> Script:
        """Return a shell in this one."""
        if self.state.depth >= 10 * MAX_DEPTH:
            raise Usage("too many shells in each other")
        return Script(self.state.of_inner(), self._streams)


def names() -> list[str]:
    """Return the names of all programs."""
    return sorted(name for name in {*PROGRAMS, *RUNNERS, *BUILTINS} if name.isalnum())
