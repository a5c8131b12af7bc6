"""`%cocalc check` and `%cocalc lessons`, in a real shell with a real sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.errors import AlreadyThere, CoCalcError, ExerciseNotDone, InvalidSyntax
from cocalc_magic.lessons.exercise_file import MAX_BYTES, SEAL, read_exercises, sealed
from cocalc_magic.lessons.shipped import lesson_paths

if TYPE_CHECKING:
    from pathlib import Path

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
        ("my.answer == 42", "7", "hello: checks is not a text"),
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


def test_a_file_that_is_not_there_is_told(shell: Any) -> None:
    with pytest.raises(InvalidSyntax, match=r"nowhere.yaml cannot be read: No such file"):
        shell.cell("%cocalc check hello --from nowhere.yaml")


@pytest.mark.slow
def test_a_teachers_exercises_are_tested_and_what_is_wrong_is_told(shell: Any, own: Path) -> None:
    good = str(shell.cell("%cocalc lessons --test $own"))
    own.write_text(OWN.replace("      answer = 42", "      answer = 41"), "utf-8")
    with pytest.raises(CoCalcError) as wrong_answer:
        shell.cell("%cocalc lessons --test $own")
    own.write_text(OWN.replace('wrong: answer = "42"', "wrong: answer = 0"), "utf-8")
    with pytest.raises(CoCalcError) as wrong_hint:
        shell.cell("%cocalc lessons --test $own")

    assert "hello  right, untouched and 2 wrong answers" in good
    assert "hello: the right answer is not done: 42 in answer." in str(wrong_answer.value)
    assert "hello: hint 1: its wrong answer gets other hints: none" in str(wrong_hint.value)


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


def test_lessons_are_listed_in_their_order(shell: Any) -> None:
    assert "01  first steps" in str(shell.cell("%cocalc lessons"))
