"""The shell of a sandbox that starts no processes: what it runs, what it refuses, and that no path leads out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from cocalc_magic import Client, CoCalcError
from cocalc_magic.sandbox.runtime.small_shell.files import MAX_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    Shell = Callable[..., tuple[str, str, int]]


@pytest.fixture
def shell(client: Client) -> Shell:
    """Run a script in a project of its own, and return what it prints, its errors and its exit code."""
    project_id = client.create_project(title="shell")["project_id"]

    def run(script: str, **options: Any) -> tuple[str, str, int]:
        answer = client.project_exec(
            project_id=project_id, command=script, bash=True, err_on_exit=False, **options
        )
        return answer["stdout"], answer["stderr"], answer["exit_code"]

    return run


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("echo one > a; echo two >> a; cat a", "one\ntwo\n"),
        ("printf '%s\\n' b a c | sort -r | head -n 2", "c\nb\n"),
        ("seq 12 | tail -2 | wc -l", "2\n"),
        ("seq 3 | grep -v 2; echo $?", "1\n3\n0\n"),
        ("mkdir -p d/e; echo x > d/e/f; cp -r d c; mv c/e/f c/g; ls c d/e", "c:\ne\ng\n\nd/e:\nf\n"),
        ("touch b1 b2 a1; echo b* '*' \"b*\" [ab]1", "b1 b2 * b* a1 b1\n"),
        ("X='a b'; echo $X \"$X\" '$X' ${X}c", "a b a b $X a bc\n"),
        ("echo $((2 + 3 * 4)) $(echo in; echo side)", "14 in side\n"),
        ("false || echo no && echo and; true && echo yes", "no\nand\nyes\n"),
        ("cd nowhere 2> /dev/null || echo gone; ls nowhere 2>&1 | wc -l", "gone\n1\n"),
        ("bash -c 'echo $0 $1' a b; A=1 bash -c 'echo $A'; echo $A.", "a b\n1\n.\n"),
        ("set -e; false; echo never", ""),
        ("for i in a 'b c' $(seq 2); do echo $i;\n for j in x; do echo $j$i; done; done | wc -l", "8\n"),
        (
            'echo 1 > a; echo 2 > b\nfor f in *\ndo\n  echo "$f: $(wc -l < $f)"\ndone; echo $f',
            "a: 1\nb: 1\nb\n",
        ),
        ("echo a # not this\n\necho b", "a\nb\n"),
        ("mkdir d; cd d; echo ~ | wc -l; pwd | grep -c '/d$'", "1\n1\n"),
        ("echo x > f; rm f; rm -f f; ls", ""),
        ("echo data > f; grep -rn dat .", "./f:1:data\n"),
        ("printf 'b 2\\na 10\\n' | sort -n -k 2", "b 2\na 10\n"),
    ],
)
def test_it_does_what_bash_does(shell: Shell, script: str, printed: str) -> None:
    assert shell(script)[0] == printed


@pytest.mark.parametrize(
    ("script", "words", "code"),
    [
        ("gcc -o x x.c", "line 2: gcc: command not found; this shell has: basename, bash, break, cat,", 127),
        ("case a in a) echo x;; esac", "line 2: there is no case in this shell", 2),
        ("f() { echo x; }; f", "line 2: there are no functions in this shell", 2),
        ("[[ a = a ]]", "line 2: there is no [[ in this shell", 2),
        ("echo ${x/a/b}", "line 2: ${…} takes a variable here,", 2),
        ("set -x", "line 2: set: it takes -e, +e and -o pipefail here", 2),
        ("ls -Z", "ls: invalid option -- 'Z'; here it has: -a", 2),
        ("find . -exec rm {} +", "find: -exec rm; here it has -name,", 1),
        ("ln a b", "ln: here it makes symbolic links alone, with -s", 1),
        ("date -d tomorrow", "date: -d: here it takes +FORMAT, -I, -Is and -u", 1),
        ("echo 'open", "line 2: unexpected EOF while looking for matching `''", 2),
        ("echo a | grep -E '(a+)+'", "grep: a repetition of what has repetitions or choices", 2),
        ("echo a | grep '\\(a\\)\\1'", "grep: back-references are refused here", 2),
        ("echo {1..1000001}", "line 2: too many words", 1),
        ("x=aaaaaaaaaa; while :; do x=$x$x$x$x; done", "line 2: the value is too long for a variable", 1),
        ("printf '%0999d%0999d%0999d' | grep '0*0*a'", "grep: a line is too long for", 2),
        ("echo ${a:-" * 400 + "}" * 400, "line 2: too many commands in each other", 1),
        ("(" * 200 + "echo" + ")" * 200, "line 2: too many commands in each other", 2),
        ("cat /dev/zero", "cat: /dev/zero: File too large", 1),
        ("python3 -c 'import sys; sys.exit(7)'", "", 7),
        ("python3 -c 'import os; os._exit(3)'", "", 3),
        ("exit 300", "", 44),
    ],
)
def test_what_it_has_not_it_refuses_in_a_line(shell: Shell, script: str, words: str, code: int) -> None:
    _, errors, exit_code = shell(script)

    assert errors.partition("/a.sh: ")[2].startswith(words) or errors.startswith(words)
    assert errors.count("\n") <= 1
    assert exit_code == code


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("mv a a", "mv: 'a' and 'a' are the same file\n"),
        ("mv d/../a ./a", "mv: 'd/../a' and './a' are the same file\n"),
        ("mv a .", "mv: 'a' and './a' are the same file\n"),
        ("mv d a", "mv: cannot overwrite non-directory 'a' with directory 'd'\n"),
        ("mv nothing a", "mv: cannot stat 'nothing': No such file or directory\n"),
    ],
)
def test_what_cannot_be_moved_leaves_source_and_target_as_they_are(
    shell: Shell, script: str, words: str
) -> None:
    output, errors, _ = shell(f"echo kept > a; mkdir d; {script}; cat a; ls")

    assert (output, errors) == ("kept\na\nd\n", words)


def test_a_file_that_is_too_large_to_read_keeps_its_end(shell: Shell) -> None:
    shell(f"python3 -c \"import os; open('a', 'x').close(); os.truncate('a', {MAX_FILE + 1})\"")

    output, errors, _ = shell("cp a b; echo more >> a; ls")

    assert output == "a\n"
    assert "cp: cannot open 'a' for reading: File too large\n" in errors
    assert errors.endswith("/a.sh: line 2: a: File too large\n")


@pytest.mark.parametrize(
    "script",
    [
        "cat /etc/passwd",
        "cat ../../sandbox.db",
        "cat < /etc/passwd",
        "echo x > /tmp/cocalc-leads-out",
        "cp ../../sandbox.db here",
        "mv ../../sandbox.db here",
        "ls ..",
        "cd ../..",
        "rm -rf ../../projects",
        "echo /etc/pass* ../../* | grep -v '[*]'",
        "bash /etc/profile",
    ],
)
def test_no_path_leads_out_of_the_project(shell: Shell, script: str) -> None:
    output, _, exit_code = shell(script)

    assert output == ""
    assert exit_code


def test_a_link_that_leads_out_is_not_followed(shell: Shell) -> None:
    shell("python3 -c \"import os; os.symlink('/etc', 'etc'); os.symlink('/etc/passwd', 'file')\"")

    output, errors, _ = shell(
        "cat file; cat etc/passwd; ls etc/; echo x > file; cp file f; find etc/; cd etc; chmod 700 file; touch etc/x"
    )

    assert output == ""
    assert errors.count("which paths do not leave") == 9
    assert shell("ls -l | wc -l; mv file other; rm etc other; ls")[:2] == ("3\n", "")


def test_input_that_nobody_writes_ends_at_the_time_limit(shell: Shell) -> None:
    """At once, since nothing else could happen until then."""
    for script in ("cat; echo no", "read x; echo no", "python3 -c 'input()'", "head -n 1 | cat"):
        with pytest.raises(CoCalcError, match="killed"):
            shell(script, timeout=300)


def test_what_is_in_the_background_runs_when_it_is_waited_for_or_at_the_end(shell: Shell) -> None:
    script = "(echo late; echo $x) & x=1; echo now; wait; echo end &\nsleep 60 & kill $!; echo last"

    assert shell(script)[0] == "now\nlate\n\nlast\nend\n"


def test_python_has_its_own_arguments_folder_environment_and_main(shell: Shell) -> None:
    script = (
        "import os, sys, __main__\\n"
        "print(sys.argv, os.getcwd() == os.environ['HOME'], os.environ['A'], __main__.here, sys.stdin.read())"
    )
    shell(f'printf "here = 1\\n{script}" > f.py')

    output, errors, _ = shell("echo in | A=b python3 f.py x y")

    assert errors == ""
    assert output == "['f.py', 'x', 'y'] True b 1 in\n\n"


def test_python_shows_errors_as_it_does_and_leaves_nothing_behind(shell: Shell) -> None:
    shell("echo 'value = 1' > own.py; python3 -c 'import own'; echo 'value = 2' > own.py")

    assert shell("python3 -c 'import own; print(own.value)'")[0] == "2\n"
    head = 'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n'
    assert shell("python3 -c '1/0'")[1:] == (
        f"{head}ZeroDivisionError: division by zero\n",
        1,
    )


def test_a_key_in_the_environment_of_the_notebook_is_not_that_of_a_command(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCALC_API_KEY", "sk-not-for-commands")

    output, _, _ = shell("echo $COCALC_API_KEY.; python3 -c 'import os; print(sorted(os.environ))'")

    assert output.startswith(".\n")
    assert "COCALC_API_KEY" not in output


def test_output_is_cut_as_that_of_real_commands(shell: Shell) -> None:
    output, _, _ = shell("seq 100000", max_output=10)

    assert output == "1\n2\n3\n4\n5\n (truncated at 10 characters)"


def test_a_script_ends_when_its_time_is_over(client: Client) -> None:
    project_id = client.create_project(title="late")["project_id"]

    with pytest.raises(Exception, match=r"killed at its time limit of 0\.2 s"):
        client.project_exec(project_id=project_id, command="sleep 60; echo no", timeout=0.2)


@pytest.mark.parametrize(
    ("code", "output"),
    [
        ("display(1)", {"data": {"text/plain": "1"}}),
        ("print(1)\n_, In[1:]", {"data": {"text/plain": "('', ['print(1)\\n_, In[1:]'])"}}),
        ("%%writefile notes.txt\nx", {"name": "stdout", "text": "Writing notes.txt\n"}),
        ("get_ipython().user_ns is globals()", {"data": {"text/plain": "True"}}),
        ("!ls", {"name": "stderr", "text": "UsageError: ls: commands run by project_exec here\n"}),
        ("1;", None),
    ],
)
def test_code_has_an_ipython_of_its_own(client: Client, code: str, output: Any) -> None:
    project_id = client.create_project(title="ipython")["project_id"]

    outputs = client.jupyter_execute(project_id=project_id, kernel="python3", input=code)["output"]

    assert outputs[-1:] == ([output] if output else [])
    assert not InteractiveShell.initialized()


def test_code_has_outputs_in_the_shape_of_a_kernel(client: Client) -> None:
    project_id = client.create_project(title="code")["project_id"]

    def run(code: str) -> Any:
        return client.jupyter_execute(project_id=project_id, kernel="python3", input=code)["output"]

    assert run("print('a')\n1 + 1") == [
        {"name": "stdout", "text": "a\n"},
        {"data": {"text/plain": "2"}},
    ]
    (error,) = run("1 / 0")
    assert error["ename"] == "ZeroDivisionError"
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error["traceback"]))
    assert text.endswith("ZeroDivisionError: division by zero")
    assert "----> 1 1 / 0" in text
    assert [kernel["name"] for kernel in client.jupyter_kernels(project_id=project_id)["kernels"]] == [
        "python3"
    ]
