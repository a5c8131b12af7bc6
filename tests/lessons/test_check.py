"""`%cocalc check` and `%cocalc lessons`, in a real shell with a real sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cocalc_magic.errors import AlreadyThere, CoCalcError, ExerciseNotDone, InvalidSyntax
from cocalc_magic.lessons.exercise_file import MAX_BYTES, SEAL, read_exercises, sealed
from cocalc_magic.lessons.shipped import lesson_paths
from tests.unix import unix

OWN = """
lesson: A lesson of one's own
exercises:
  hello:
    task: Make a project called Hello, and store 42 in answer.
    checks:
      - what: A project called Hello.
        when: titled("Hello")
      - what: 42 in answer.
        when: my.answer == 42
    hints:
      - say: The answer is a text.
        when: my.answer == "42"
        wrong: answer = "42"
      - say: The project is called hello.
        when: done("create_project", title="hello")
        wrong: '%cocalc create_project title=hello'
    right: |
      %cocalc create_project title=Hello
      # %%
      answer = 42
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An exercise file of a teacher."""
    path = tmp_path / "own.yaml"
    path.write_text(OWN, "utf-8")
    return path


@pytest.fixture
def shell(shell: Any, own: Path) -> Any:
    """The shell, with a sandbox in its first state and `own`, the name of the file."""
    shell.cell("%cocalc ping --server sandbox")
    shell.cell("%cocalc sandbox reset")
    shell.user_ns["own"] = str(own)
    return shell


def test_what_is_missing_is_said_in_words_and_nothing_raises(shell: Any) -> None:
    grade = shell.cell("%cocalc check hello --from $own")

    assert not grade
    assert (grade.done, grade.score, grade.total) == (False, 0, 2)
    assert grade.missing == ("A project called Hello.", "42 in answer.")
    assert "not yet: 0 of 2" in str(grade)
    assert "missing  42 in answer." in str(grade)
    assert f"A solution: %cocalc check hello --from {shell.user_ns['own']} --solution" in str(grade)


def test_what_is_done_counts_and_what_is_right_is_done(shell: Any) -> None:
    shell.cell("%cocalc create_project title=Hello")
    half = shell.cell("%cocalc check hello --from $own")
    shell.cell("answer = 42")
    whole = shell.cell("%cocalc check hello --from $own")

    assert (half.score, half.missing) == (1, ("42 in answer.",))
    assert whole
    assert whole.missing == () == whole.hints
    assert "A solution" not in str(whole)


def test_a_likely_mistake_gets_its_hint(shell: Any) -> None:
    shell.cell("answer = '42'")

    assert shell.cell("%cocalc check hello --from $own").hints == ("The answer is a text.",)


def test_a_failure_has_its_hint_until_a_message_succeeds(shell: Any, own: Path) -> None:
    own.write_text(OWN.replace('my.answer == "42"', "('titel' in error)"), "utf-8")
    with pytest.raises(CoCalcError):
        shell.cell("%cocalc create_project titel=Hello")
    before = shell.cell("%cocalc check hello --from $own").hints
    shell.cell("%cocalc ping")

    assert before == ("The answer is a text.",)
    assert shell.cell("%cocalc check hello --from $own").hints == ()


def test_strict_raises_what_is_missing(shell: Any) -> None:
    with pytest.raises(ExerciseNotDone) as raised:
        shell.cell("%cocalc check hello --from $own --strict")

    assert str(raised.value) == "hello is not done.\n  A project called Hello.\n  42 in answer."


def test_the_score_is_the_best_of_each_exercise_and_reset_forgets_it(shell: Any) -> None:
    shell.cell("answer = 42")
    shell.cell("%cocalc check hello --from $own")
    shell.cell("answer = 0")
    shell.cell("%cocalc check hello --from $own")
    score = str(shell.cell("%cocalc check"))
    shell.cell("%cocalc check --reset")

    assert "0 of 1 exercises are done; 1 of 2 points." in score
    assert "No exercise has been checked yet." in str(shell.cell("%cocalc check"))


def test_messages_of_before_a_reset_do_not_count(shell: Any) -> None:
    shell.cell("%cocalc create_project title=hello")
    before = shell.cell("%cocalc check hello --from $own").hints
    shell.cell("%cocalc check --reset")

    assert before == ("The project is called hello.",)
    assert shell.cell("%cocalc check hello --from $own").hints == ()


def test_a_check_sends_nothing_into_the_history_and_writes_nothing(shell: Any, own: Path) -> None:
    own.write_text(OWN.replace('titled("Hello")', "ask('create_project', title='By a check')"), "utf-8")
    sent = str(shell.cell("%cocalc history"))

    assert shell.cell("%cocalc check hello --from $own").score == 0
    assert str(shell.cell("%cocalc history")) == sent
    assert "By a check" not in str(shell.cell("%cocalc projects"))


@pytest.mark.parametrize(
    "condition",
    ["1 / 0", "nothing", "my.nothing['x']", "ask('no_such_event')", "read('no project', 'x') + 1"],
)
def test_a_condition_that_fails_does_not_hold(shell: Any, own: Path, condition: str) -> None:
    own.write_text(OWN.replace("my.answer == 42", condition), "utf-8")

    assert "42 in answer." in shell.cell("%cocalc check hello --from $own").missing


def test_a_server_that_does_not_answer_is_said_and_raises_nothing(shell: Any) -> None:
    shell.cell("%cocalc sandbox fault --status 503")
    grade = shell.cell("%cocalc check hello --from $own")

    assert not grade
    assert "The server could not be asked: Service Unavailable" in str(grade)


def test_the_solution_is_shown_when_it_is_asked_for(shell: Any) -> None:
    text = str(shell.cell("%cocalc check hello --from $own --solution"))

    assert "%cocalc create_project title=Hello" in text
    assert "answer = 42" in text


def test_an_unknown_exercise_is_told_with_those_there_are(shell: Any) -> None:
    with pytest.raises(InvalidSyntax, match="there is no exercise 'helo'") as raised:
        shell.cell("%cocalc check helo --from $own")

    assert "Did you mean hello?" in str(raised.value)


def test_the_view_checks_again_and_unfolds_the_solution(shell: Any) -> None:
    """Neither the HTML nor the state of the widget has the solution before."""
    page = shell.cell("%cocalc check hello --from $own")
    view = page.make()
    before = view.report.children[0].markup[0]
    shell.cell("%cocalc create_project title=Hello")
    shell.cell("answer = 42")
    view.again.click()

    assert "not yet" in before
    assert "done" in view.report.children[0].markup[0]
    assert view.solution.children == ()
    assert "create_project" not in page._repr_html_()
    view.unfold.click()
    assert "create_project" in view.solution.children[0].markup[0]
    view.unfold.click()
    assert view.solution.children == ()


# -- files -----------------------------------------------------------------------------------------


def test_a_sealed_file_is_the_same_and_has_no_word_of_it(own: Path) -> None:
    text = sealed(own)
    copy = own.with_suffix(".txt")
    copy.write_text(text, "utf-8")

    assert text.startswith(SEAL)
    assert "Hello" not in text
    assert read_exercises(copy) == read_exercises(own)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("checks:", "check:", "hello has no 'check'"),
        ("    task:", "    tsak:", "hello has no 'tsak'"),
        ("    right: |", "    hint: |", "hello has no 'hint'"),
        ("my.answer == 42", "my.answer ==", "'my.answer ==' is not a Python expression"),
        ("my.answer == 42", "7", "hello: checks: when is not a text"),
        ("say: The answer is a text.", "say: 7", "hello: hints: say is not a text"),
        ("  hello:", "  hello there:", "the name 'hello there' cannot be typed"),
        ("lesson: A", "lesson: [A", "is not YAML"),
        ("exercises:", "exercise:", "the file has no 'exercise'"),
        ("        wrong: answer", "        write: answer", "hello: hints has no 'write'"),
        ("    hints:", "    task: again\n    hints:", "task stands there twice, in line 11 again"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(own: Path, old: str, new: str, problem: str) -> None:
    own.write_text(OWN.replace(old, new), "utf-8")

    with pytest.raises(InvalidSyntax) as raised:
        read_exercises(own)

    assert problem in str(raised.value)
    assert str(own) in str(raised.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("lesson: x\nexercises: {}", "there is no exercise in it"),
        ("lesson: x\nexercises: {a: {task: x, checks: [], right: x}}", "a: checks are missing"),
    ],
)
def test_a_file_in_which_nothing_is_asked_is_refused(own: Path, content: str, problem: str) -> None:
    own.write_text(content, "utf-8")

    with pytest.raises(InvalidSyntax, match=problem):
        read_exercises(own)


@pytest.mark.parametrize("content", ["", "[]", "7", f"{SEAL}\n%%%", f"{SEAL}\nYWJj", "x" * (MAX_BYTES + 1)])
def test_what_is_not_an_exercise_file_is_refused(own: Path, content: str) -> None:
    own.write_text(content, "utf-8")

    with pytest.raises(InvalidSyntax):
        read_exercises(own)


@unix
def test_what_has_no_end_is_not_read_to_its_end() -> None:
    with pytest.raises(InvalidSyntax, match="/dev/zero is too long for an exercise file"):
        read_exercises(Path("/dev/zero"))


def test_errors_list_few_of_many_exercises(shell: Any, own: Path) -> None:
    names = "".join(
        f"  e{number}: {{task: x, checks: [{{what: x, when: x}}], right: x}}\n" for number in range(90)
    )
    own.write_text(f"lesson: x\nexercises:\n{names}", "utf-8")

    with pytest.raises(InvalidSyntax, match=r"There are: e0, e1, .*, e19 and 70 more"):
        shell.cell("%cocalc check nope --from $own")


def test_a_file_that_is_not_there_is_told(shell: Any) -> None:
    with pytest.raises(InvalidSyntax, match=r"nowhere.yaml cannot be read: No such file"):
        shell.cell("%cocalc check hello --from nowhere.yaml")


@pytest.mark.slow
def test_a_teachers_exercises_are_tested_and_what_is_wrong_is_told(shell: Any, own: Path) -> None:
    good = str(shell.cell("%cocalc lessons --test $own"))
    own.write_text(OWN.replace("      answer = 42", "      answer = 1/0"), "utf-8")
    with pytest.raises(CoCalcError) as wrong_answer:
        shell.cell("%cocalc lessons --test $own")
    own.write_text(OWN.replace('wrong: answer = "42"', "wrong: answer = 0"), "utf-8")
    with pytest.raises(CoCalcError) as wrong_hint:
        shell.cell("%cocalc lessons --test $own")
    own.write_text(OWN.replace('titled("Hello")', 'titld("Hello")'), "utf-8")
    with pytest.raises(CoCalcError) as misspelled:
        shell.cell("%cocalc lessons --test $own")

    assert "hello  right, untouched and 2 wrong answers" in good
    problem = "hello: the right answer is not done: 42 in answer; ZeroDivisionError: division by zero."
    assert str(wrong_answer.value).splitlines()[-1].strip() == problem
    assert "hello: hint 1: its wrong answer gets other hints: none." in str(wrong_hint.value)
    assert "titld(\"Hello\") (NameError: name 'titld' is not defined)" in str(misspelled.value)


@unix
@pytest.mark.slow
def test_an_answer_that_ends_the_kernel_is_told_in_any_folder(shell: Any, tmp_path: Path) -> None:
    folder = tmp_path / "it's ${1+1} $x, {x}"
    folder.mkdir()
    (folder / "own.yaml").write_text(OWN.replace("answer = 42", "import os; os._exit(3)"), "utf-8")
    shell.user_ns["own"] = str(folder / "own.yaml")

    with pytest.raises(CoCalcError, match=r"hello: the kernel ended in the cell import os; os\._exit\(3\)"):
        shell.cell("%cocalc lessons --test $own")


@pytest.mark.parametrize(
    ("sources", "there", "problem"),
    [
        (["own.yaml"], "mine", "own.txt is there already, and is not a sealed file."),
        (["own.txt"], OWN, "own.txt is the file that is to be sealed."),
        (["own.yaml", "b/own.yaml", "--to", "."], None, "own.txt would be written twice."),
    ],
)
def test_sealing_writes_over_sealed_files_alone(
    own: Path,
    shell: Any,
    monkeypatch: pytest.MonkeyPatch,
    sources: list[str],
    there: str | None,
    problem: str,
) -> None:
    monkeypatch.chdir(own.parent)
    target, other = Path("own.txt"), Path("b/own.yaml")
    other.parent.mkdir()
    other.write_text(OWN, "utf-8")
    if there:
        target.write_text(there, "utf-8")
    shell.user_ns["sources"] = sources

    with pytest.raises(AlreadyThere, match=problem):
        shell.cell("%cocalc lessons --seal $sources")

    assert (target.read_text("utf-8") if target.exists() else None) == there


@unix
def test_files_are_sealed_anew_and_in_the_home_folder(
    own: Path, shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(own.parent))
    for _ in range(2):
        told = str(shell.cell("%cocalc lessons --seal ~/own.yaml"))

    assert f"%cocalc check NAME --from {own.with_suffix('.txt')}" in told
    assert read_exercises(own.with_suffix(".txt")) == read_exercises(own)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("lessons --test a --seal a", "--test or --seal, not both"),
        ("lessons --to a", "--to of lessons goes with --seal"),
        ("lessons a --to b", "--to of lessons goes with --seal"),
        ("check --strict", "--strict of check needs an exercise"),
        ("check hello --reset", "--reset of check is of all exercises, and stands alone"),
        ("check hello --solution --strict", "--solution or --strict, not both"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(shell: Any, words: str, problem: str) -> None:
    with pytest.raises(InvalidSyntax, match=problem):
        shell.cell(f"%cocalc {words}")


# -- notebooks -------------------------------------------------------------------------------------


def test_lessons_are_copied_once_and_never_written_over(shell: Any, tmp_path: Path) -> None:
    shell.user_ns["folder"] = str(tmp_path / "lessons")
    first = str(shell.cell("%cocalc lessons $folder"))
    notebook = tmp_path / "lessons/01-first-steps.ipynb"
    notebook.write_text("mine", "utf-8")
    second = str(shell.cell("%cocalc lessons $folder"))

    assert f"Begin with {notebook}." in first
    assert "already" in second
    assert notebook.read_text("utf-8") == "mine"
    assert len(list((tmp_path / "lessons").glob("*.ipynb"))) == len(lesson_paths())
    assert (tmp_path / "lessons/nbval_sanitize.cfg").is_file()


def test_a_file_in_the_place_of_the_folder_is_left_alone(shell: Any, own: Path) -> None:
    with pytest.raises(AlreadyThere):
        shell.cell("%cocalc lessons $own")

    assert own.read_text("utf-8") == OWN


@unix
def test_lessons_beside_one_leave_a_link_to_nothing_alone(
    shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "01-first-steps.ipynb").symlink_to("elsewhere")

    told = str(shell.cell("%cocalc lessons ."))

    assert f"files are in {tmp_path}. Begin with" in told
    assert not (tmp_path / "elsewhere").exists()


@unix
def test_a_folder_with_a_name_that_cannot_be_is_told(shell: Any) -> None:
    with pytest.raises(CoCalcError, match="x cannot be written: File name too long"):
        shell.cell(f"%cocalc lessons {'x' * 300}")


def test_lessons_are_listed_in_their_order(shell: Any) -> None:
    assert "01  first steps" in str(shell.cell("%cocalc lessons"))
