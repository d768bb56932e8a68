"""Nothing that a designer writes reaches Python's own exec, eval or compile: not in our source, and not as it runs."""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.expressions import (
    EvaluationError,
    ExpressionError,
    Language,
    compile_expression,
    compile_script,
    compile_template,
)
from engine.step import StepFailed
from tests.engine.build import bpmn, chain, end, flow, script, start, user, xor
from tests.engine.runs import run
from tests.expressions import test_bombs as bombs

FORBIDDEN = frozenset(
    {"exec", "eval", "compile", "__import__", "globals", "locals", "vars", "breakpoint", "input", "open", "setattr"}
)
"""Names of builtins; `re.compile` and `Path.open` are attributes, and no names."""
FORBIDDEN_MODULES = frozenset({"code", "codeop", "ctypes", "importlib", "marshal", "pickle", "runpy", "shelve"})
FOLDERS = sorted(Path(engine.__file__).parent.rglob("*.py"))
EXPRESSIONS = [path for path in FOLDERS if "expressions" in path.parts]
watching: list[list[str]] = []
"""What the audit hook notes while somebody watches; a hook, once set, stays."""


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: str(path.relative_to(Path(engine.__file__).parent)))
def test_no_module_of_the_engine_names_what_runs_text(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    allowed = set() if path in EXPRESSIONS else {"setattr", "open", "vars"}
    assert not names & (FORBIDDEN - allowed)
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {module.partition(".")[0] for module in modules} & FORBIDDEN_MODULES


@pytest.mark.parametrize("path", EXPRESSIONS, ids=lambda path: path.stem)
def test_the_language_asks_values_only_for_parts_that_a_table_names(path: Path) -> None:
    """getattr with a name that is not written out is where a name from a text could become an attribute."""
    tree = ast.parse(path.read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    asked = [ast.unparse(call) for call in calls if getattr(call.func, "id", "") == "getattr"]
    open_ended = [call for call in asked if "'" not in call and call not in KNOWN]
    assert not open_ended


KNOWN = frozenset(
    {
        "getattr(str, name)",  # while the module is read: the names of METHODS
        "getattr(value, key)",  # only what _PARTS has for the value's type
        "getattr(value, item.name)",  # a node's fields, by its dataclass
    }
)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not watching or event not in ("exec", "compile", "import", "os.system", "subprocess.Popen", "socket.connect"):
        return
    if event == "compile" and arguments[1] == "<unknown>":  # ast.parse: to a tree, never to code
        return
    watching[-1].append(f"{event} {arguments!r:.200}")


sys.addaudithook(_hook)


@contextlib.contextmanager
def watched() -> Iterator[list[str]]:
    """What Python's audit events say of running code while this is open."""
    watching.append([])
    try:
        yield watching[-1]
    finally:
        watching.pop()


def test_the_watch_sees_what_is_run() -> None:
    with watched() as seen:
        eval("1")  # that the hook would notice it
    assert any(each.startswith("exec") for each in seen)


ESCAPES = {
    Language.PYTHON: [source for source in bombs.PYTHON if len(source) < 60],
    Language.FEEL: [source for source in bombs.FEEL if len(source) < 60],
    Language.JUEL: [source for source in bombs.JUEL if len(source) < 60],
}


@pytest.mark.parametrize("language", ESCAPES)
def test_no_expression_runs_code_or_imports(language: Language) -> None:
    small = {"a": {"b": 1}, "items": [1, 2], "text": "x", "none": None}
    for source in ESCAPES[language]:  # what a first use imports is there afterwards
        _evaluated(source, language, small)
    with watched() as seen:
        for source in ESCAPES[language]:
            _evaluated(source, language, small)
    assert not seen


def _evaluated(source: str, language: Language, values: dict[str, Any]) -> None:
    with contextlib.suppress(ExpressionError, EvaluationError):
        compile_expression(source, language).evaluate(values)


def test_no_script_or_template_runs_code_or_imports() -> None:
    with watched() as seen:
        for source in bombs.SCRIPTS:
            if len(source) < 60 and "while" not in source and "range" not in source:
                with contextlib.suppress(ExpressionError, EvaluationError):
                    compile_script(source).run({"a": {"b": 1}, "items": [1]})
        for source in bombs.TEMPLATES[:-1]:
            with contextlib.suppress(ExpressionError, EvaluationError):
                compile_template(source).evaluate({"a": 1})
    assert not seen


def test_a_running_process_hands_no_text_to_python() -> None:
    """SpiffWorkflow's own script engine would: ours stands in its place."""
    file = bpmn(
        *(start(), script("work", "n = len([1, 2])"), xor("which", "else"), user("big"), user("small"), end()),
        chain("begin", "work", "which"),
        flow("which", "small", ident="else"),
        flow("which", "big", "n > 1"),
        *(chain("big", "done"), chain("small", "done")),
    )
    run(file).complete("big")
    with watched() as seen:
        assert run(file).complete("big").ended
    assert not seen


@pytest.mark.parametrize("text", ["__import__('os').system('true')", "().__class__", "open('/etc/passwd').read()"])
def test_a_process_that_reaches_out_is_refused(text: str) -> None:
    with pytest.raises((StepFailed, ExpressionError, AssertionError)), watched() as seen:
        run(bpmn(start(), script("work", text), end(), chain("begin", "work", "done")))
    assert not [each for each in seen if "os.system" in each or "<string>" in each]
