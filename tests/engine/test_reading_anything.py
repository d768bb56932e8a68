"""Whatever is uploaded, reading reports and never raises; what it accepts can be stored, built and started."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import instances
from engine.definitions import dump, load, read_bundle
from engine.spiff.build import build
from engine.step import StepFailed, World
from tests.engine.runs import NOON

FILES = {path.name: path.read_bytes() for path in sorted((Path(__file__).parent / "files").iterdir())}
ROOT = Path(__file__).parents[2] / "processes"
FILES |= {path.name: path.read_bytes() for path in sorted(ROOT.glob("*/*.bpmn"))}
PIECES = sorted({piece for content in FILES.values() for piece in content.split(b'"') if len(piece) < 40})
PIECES += [
    b"",
    b"\x00",
    b"\xff",
    b"<",
    b"&",
    b"]]>",
    b"${",
    b"}",
    b"=",
    b"-",
    b"R/",
    b"9" * 30,
    b"\xef\xbf\xbf",
    b"true",
]


def mutated(content: bytes, seed: int, times: int) -> bytes:
    """Bytes cut, doubled, swapped between quotes, or replaced."""
    source = random.Random(seed)
    for _ in range(times):
        parts = content.split(b'"')
        at = source.randrange(len(parts))
        kind = source.randrange(6)
        if kind == 0:
            parts[at] = source.choice(PIECES)
        elif kind == 1:
            parts[at] = parts[source.randrange(len(parts))]
        elif kind == 2:
            other = source.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        content = b'"'.join(parts)
        lines = content.split(b"\n")
        here = source.randrange(len(lines))
        if kind == 3:
            del lines[here : here + source.randrange(1, 4)]
        elif kind == 4:
            lines.insert(source.randrange(len(lines) + 1), lines[here])
        content = b"\n".join(lines)
        if kind == 5 and content:
            spot = source.randrange(len(content))
            content = content[:spot] + bytes([source.randrange(256)]) + content[spot + 1 :]
    return content


def check(files: dict[str, bytes]) -> None:
    bundle = read_bundle(files)
    assert bundle.report.accepted == (not any(problem.level == "error" for problem in bundle.report.problems))
    for problem in bundle.report.problems:
        assert str(problem.problem)
        assert str(problem.remedy)
        assert problem.line >= 1
        assert problem.file in ("", *files)
    for _, found in bundle.definitions:
        blueprint = build(load(dump(found)))
        with suppress(StepFailed):
            step = instances.start(blueprint, 1, data={}, world=World(NOON))
            assert instances.restore(step.state, build(found)).tasks


@given(st.sampled_from(sorted(FILES)), st.integers(0, 2**32), st.integers(1, 6))
@settings(max_examples=200)
def test_a_mutated_file_is_reported_on(name: str, seed: int, times: int) -> None:
    check({name: mutated(FILES[name], seed, times), "called.bpmn": FILES["called_assessment.bpmn"]})


@pytest.mark.slow
@given(st.sampled_from(sorted(FILES)), st.integers(0, 2**32), st.integers(1, 12))
@settings(max_examples=5000)
def test_thousands_of_mutated_files_are_reported_on(name: str, seed: int, times: int) -> None:
    check({name: mutated(FILES[name], seed, times), "called.bpmn": FILES["called_assessment.bpmn"]})


@given(st.binary(max_size=300))
@example(b'<?xml version="1.0" encoding="')
@example(b'<?xml version="1.0" encoding="hz"?><a/>')
@example(b"\xff\xfe<\x00a\x00")
@example(b"\xff\xfe\x00\x00")
def test_any_bytes_are_reported_on(content: bytes) -> None:
    bundle = read_bundle({"a.bpmn": content})
    assert not bundle.report.accepted
    assert bundle.report.problems
