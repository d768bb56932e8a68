"""What would harm whoever reads or runs it is refused, with element, line and remedy, before anything of it is kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from engine.definitions import Bundle, Compiled, read_bundle
from engine.expressions import Level
from engine.spiff.build import build
from tests.engine.bombs import BOMBS, HEAVY, calls
from tests.engine.build import HEAD, start, user, whole
from tests.engine.build import chain as led

PROCESSOR_SECONDS = 10
"""An upload may take no more; nothing is measured, but what takes longer is ended."""


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    def over(_number: int, _frame: object) -> None:
        raise TimeoutError("it takes longer than an upload may")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, PROCESSOR_SECONDS)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_refused_with_its_element_line_and_remedy(what: str) -> None:
    bomb = BOMBS[what]
    bundle = read_bundle(bomb.files)
    assert not bundle.report.accepted
    assert bundle.definitions == ()
    found = [problem for problem in bundle.report.problems if problem.level is Level.ERROR]
    assert bomb.code in [problem.code for problem in found], [(problem.code, problem.element) for problem in found]
    problem = next(each for each in found if each.code == bomb.code)
    if bomb.element:
        content = bomb.files["bomb.bpmn"].decode().splitlines()
        assert problem.element == bomb.element
        assert f'"{bomb.element}"' in content[problem.line - 1] or bomb.element == "definitions"
    assert problem.line >= 1
    assert problem.file == "bomb.bpmn"
    assert str(problem.problem)
    assert str(problem.remedy)


def test_there_are_enough_of_them() -> None:
    assert len(BOMBS) >= 80


@pytest.mark.parametrize("what", HEAVY)
def test_what_only_looks_like_a_bomb_is_read_and_built_within_the_time_of_an_upload(what: str) -> None:
    bundle = read_bundle({"heavy.bpmn": HEAVY[what]})
    assert bundle.report.accepted, bundle.report.problems
    for _, compiled in bundle.definitions:
        build(compiled)


PLAIN = f"{HEAD}{whole(start('b'), user('u'), led('b', 'u'), process='%s')}</definitions>"


class Shelf:
    """What was deployed before, one upload after another."""

    def __init__(self) -> None:
        self.kept: dict[str, Compiled] = {}

    def deploy(self, content: str) -> Bundle:
        bundle = read_bundle({"next.bpmn": content.encode()}, self.kept.get)
        self.kept.update({compiled.process.id: compiled for _, compiled in bundle.definitions})
        return bundle


@pytest.mark.parametrize(
    ("before", "last"),
    [
        ([PLAIN % "p", calls(("q", "p"))], calls(("p", "q"))),
        ([PLAIN % "p", calls(("q", "p")), calls(("r", "q"))], calls(("p", "r"))),
        ([PLAIN % "p", calls(("q", "p")), calls(("r", "q")), calls(("s", "r"))], calls(("p", "s"))),
        ([PLAIN % "p", calls(("q", "p"))], calls(("p", "r"), ("r", "q"))),
        ([PLAIN % "r", calls(("q", "r"))], calls(("p", "r"), ("r", "q"))),
    ],
    ids=["two", "three", "four", "through a new one", "another of the upload"],
)
def test_a_ring_that_closes_over_what_was_deployed_before_is_refused(before: list[str], last: str) -> None:
    shelf = Shelf()
    for content in before:
        assert shelf.deploy(content).report.accepted
    bundle = shelf.deploy(last)
    errors = [problem for problem in bundle.report.problems if problem.level is Level.ERROR]
    assert {problem.code for problem in errors} == {"cyclic-call"}
    assert all(problem.element.startswith("c_") and "→" in str(problem.problem) for problem in errors)


def test_calling_what_was_deployed_before_is_fine_again_and_again() -> None:
    shelf = Shelf()
    for content in (PLAIN % "p", calls(("q", "p")), PLAIN % "p", calls(("q", "p")), calls(("r", "q"))):
        assert shelf.deploy(content).report.accepted
