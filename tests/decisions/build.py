"""Decisions in few words: DMN files as text, and decisions read from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine.decisions.compile import Outcome, compile_decision
from engine.decisions.model import Decision
from engine.decisions.read import read_decisions
from engine.definitions.report import Report
from engine.expressions import Budget

DMN_1_3 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN_1_2 = "http://www.omg.org/spec/DMN/20180521/MODEL/"
DMN_1_1 = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"
FLOWABLE = "http://www.omg.org/spec/DMN/20151101"


def dmn(*decisions: str, xmlns: str = DMN_1_3, more: str = "", **attributes: str) -> bytes:
    """A file; what stands in `more` comes before the decisions."""
    named = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    head = f'<definitions xmlns="{xmlns}" id="file" name="File"{named}>'
    return "\n".join([head, more + "".join(decisions), "</definitions>"]).encode()


def table(
    id: str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    *rules: str,
    hit: str = "",
    collect: str = "",
    requires: Iterable[str] = (),
    variable: str = "",
    language: str = "",
) -> str:
    """A decision with a table: inputs `expression: type`, outputs `name: type = values / default`, rules `a | b`."""
    policy = (f' hitPolicy="{hit}"' if hit else "") + (f' aggregation="{collect}"' if collect else "")
    spoken = f' expressionLanguage="{language}"' if language else ""
    columns = "".join(_input(text, spoken) for text in inputs) + "".join(map(_output, outputs))
    count = len(list(inputs))
    rows = "".join(_rule(place, rule, count) for place, rule in enumerate(rules, 1))
    inner = f'<decisionTable id="{id}_table"{policy}>{columns}{rows}</decisionTable>'
    return _decision(id, inner, requires, variable)


def literal(id: str, text: str, *, requires: Iterable[str] = (), variable: str = "", language: str = "") -> str:
    """A decision with an expression."""
    spoken = f' expressionLanguage="{language}"' if language else ""
    return _decision(id, f"<literalExpression{spoken}>{_text(text)}</literalExpression>", requires, variable)


def read(content: bytes) -> tuple[dict[str, Decision], Report]:
    """The decisions by id, and the report."""
    report = Report()
    return {decision.id: decision for decision in read_decisions(content, report)}, report


def decide(
    content: bytes | str, values: Mapping[str, Any], *, of: str = "d", budget: Budget | None = None, **host: Any
) -> Outcome:
    """The outcome of a decision of a file without problems."""
    decisions, report = read(content if isinstance(content, bytes) else dmn(content))
    assert report.accepted, [str(problem.problem) for problem in report.problems]
    return compile_decision(decisions, of).decide(values, functions=host, budget=budget)


def _decision(id: str, inner: str, requires: Iterable[str], variable: str) -> str:
    needs = "".join(
        f'<informationRequirement><requiredDecision href="#{other}"/></informationRequirement>' for other in requires
    )
    named = f'<variable name="{variable}"/>' if variable else ""
    return f'\n<decision id="{id}" name="The {id}">{named}{needs}{inner}</decision>'


def _input(text: str, spoken: str) -> str:
    expression, _, kind = (part.strip() for part in text.partition(": "))
    typed = f' typeRef="{kind}"' if kind else ""
    return f"\n<input><inputExpression{typed}{spoken}>{_text(expression)}</inputExpression></input>"


def _output(text: str) -> str:
    head, _, values = (part.strip() for part in text.partition(" = "))
    name, _, kind = (part.strip() for part in head.partition(": "))
    order, _, default = (part.strip() for part in values.partition(" / "))
    inner = f"<outputValues>{_text(order)}</outputValues>" if order else ""
    inner += f"<defaultOutputEntry>{_text(default)}</defaultOutputEntry>" if default else ""
    return f'\n<output name="{name}"' + (f' typeRef="{kind}"' if kind else "") + f">{inner}</output>"


def _rule(place: int, text: str, inputs: int) -> str:
    cells = [part.strip() for part in text.split(" | ")]
    tests = "".join(f"<inputEntry>{_text(cell)}</inputEntry>" for cell in cells[:inputs])
    outputs = "".join(f"<outputEntry>{_text(cell)}</outputEntry>" for cell in cells[inputs:])
    return f'\n<rule id="r{place}">{tests}{outputs}</rule>'


def _text(text: str) -> str:
    return f"<text>{escape(text)}</text>"
