"""Scripts: what they set, what they leave alone, and how they fail."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from engine.expressions import EvaluationError, ExpressionError, compile_script


def after(source: str, **values: Any) -> dict[str, Any]:
    """The variables after the script has run over `values`."""
    compile_script(source).run(values)
    return values


def test_a_script_sets_variables() -> None:
    assert after("x = 1\ny = x + 1") == {"x": 1, "y": 2}


def test_a_script_works_through_a_list() -> None:
    source = """
        total = 0
        dear = []
        for line in lines:
            if line.price > 10:
                dear.append(line.name)
            elif line.price == 0:
                continue
            total += line.price
        else:
            done = True
    """
    lines = [{"name": "a", "price": 5}, {"name": "b", "price": 12}, {"name": "c", "price": 0}]
    values = after(source, lines=lines)
    assert values == {"lines": lines, "total": 17, "dear": ["b"], "done": True}


def test_break_leaves_the_loop_and_skips_its_else() -> None:
    assert after("for i in range(9):\n    if i == 3:\n        x = i\n        break\nelse:\n    y = 1") == {"x": 3}
    assert after("n = 0\nwhile True:\n    n += 1\n    if n > 4: break") == {"n": 5}


def test_a_loop_variable_stays_in_the_script() -> None:
    assert after("for row in rows: pass", rows=[1]) == {"rows": [1]}
    assert after("for row in rows: pass", rows=[1], row="mine") == {"rows": [1], "row": "mine"}
    assert after("for row in rows: pass\nrow = row + 1", rows=[1])["row"] == 2


def test_a_name_that_begins_with_an_underscore_stays_in_the_script() -> None:
    assert after("_half = n / 2\nx = _half + 1", n=4) == {"n": 4, "x": 3.0}


def test_entries_can_be_set_and_deleted() -> None:
    assert after("a.b = 1\na['c'] = [1, 2]\na.c[0] += 5\ndel a['d']\ndel x", a={"d": 1}, x=1) == {
        "a": {"b": 1, "c": [6, 2]}
    }


def test_several_variables_can_be_set_at_once() -> None:
    assert after("a, (b, c) = 1, [2, 3]\nd = e = a") == {"a": 1, "b": 2, "c": 3, "d": 1, "e": 1}


def test_what_is_set_is_json() -> None:
    values = {"now": dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)}
    script = compile_script(
        "t = now()\nd = t.date()\np = (1, 2)\nr = range(2)\ns = days(2)\nm = {1: 2}", functions=frozenset({"now"})
    )
    found: dict[str, Any] = {}
    script.run(found, functions={"now": lambda: values["now"]})
    assert found == {
        "t": "2026-11-22T09:00:00+00:00",
        "d": "2026-11-22",
        "p": [1, 2],
        "r": [0, 1],
        "s": "P2D",
        "m": {"1": 2},
    }


def test_two_variables_never_share_a_list() -> None:
    values = after("b = a\nc = [a, a]", a=[1])
    values["a"].append(2)
    assert values["b"] == [1]
    assert values["c"] == [[1], [1]]


def test_lists_from_outside_are_not_changed_in_place() -> None:
    before: list[Any] = [{"tags": []}]
    values: dict[str, Any] = {"rows": before}
    compile_script("for row in rows:\n    row.tags.append(1)").run(values)
    assert before == [{"tags": []}]
    assert values["rows"] == [{"tags": [1]}]


def test_what_is_not_written_is_the_same_object_afterwards() -> None:
    rows = [1, 2]
    assert after("n = len(rows)", rows=rows)["rows"] is rows


def test_a_script_that_fails_leaves_everything_as_it_was() -> None:
    values: dict[str, Any] = {"items": [1]}
    with pytest.raises(EvaluationError) as raised:
        compile_script("x = 1\nitems.append(2)\ny = 1 / 0").run(values)
    assert values == {"items": [1]}
    assert raised.value.line == 3
    assert str(raised.value) == "A number is divided by zero."


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(EvaluationError, match="The variable “amount” is not set") as raised:
        compile_script("x = 1\n\ny = amount + x").run({})
    assert raised.value.line == 3


@pytest.mark.parametrize(
    ("source", "reads", "writes"),
    [
        ("x = 1", set(), {"x"}),
        ("x = y + z.w", {"y", "z"}, {"x"}),
        ("x = 1\ny = x", set(), {"x", "y"}),
        ("x += 1", {"x"}, {"x"}),
        ("if a:\n    x = 1\ny = x", {"a", "x"}, {"x", "y"}),
        ("if a:\n    x = 1\nelse:\n    x = 2\ny = x", {"a"}, {"x", "y"}),
        ("for i in items:\n    n = i", {"items"}, {"n"}),
        ("while n > 0:\n    n -= 1", {"n"}, {"n"}),
        ("items.append(x)", {"items", "x"}, {"items"}),
        ("a.b.c = x", {"a", "x"}, {"a"}),
        ("rows[0].tags.append(x)", {"rows", "x"}, {"rows"}),
        ("box = [x]\nbox.append(1)", {"x"}, {"box"}),
        ("box = [x]\nbox[0].append(1)", {"x"}, {"box", "x"}),
        ("box.append(x)\nbox[0].append(1)", {"box", "x"}, {"box", "x"}),
        ("s = sorted(items)\ns.append(1)", {"items"}, {"s"}),
        ("s = items[:]\ns.append(1)", {"items"}, {"s"}),
        ("t = items\nt.append(1)", {"items"}, {"items", "t"}),
        ("for row in rows:\n    row.done = True", {"rows"}, {"rows"}),
        ("n = sum(row.price for row in rows)", {"rows"}, {"n"}),
        ("total = 0\nfor row in rows:\n    total += row.price", {"rows"}, {"total"}),
        ("del x", set(), {"x"}),
        ("_t = 1\nx = _t", set(), {"x"}),
        ("x = [i for i in i]", {"i"}, {"x"}),
        ("x = person('a')", set(), {"x"}),
    ],
)
def test_a_script_says_what_it_reads_and_writes(source: str, reads: set[str], writes: set[str]) -> None:
    script = compile_script(source, functions=frozenset({"person"}))
    assert (set(script.reads), set(script.writes)) == (reads, writes)


def test_a_script_indented_as_a_whole_is_read() -> None:
    assert after("\n      x = 1\n      if x:\n          y = 2\n    ") == {"x": 1, "y": 2}
    assert after("x = 1\n      y = 2\n      z = 3") == {"x": 1, "y": 2, "z": 3}
    assert after("if True:\n    x = 1") == {"x": 1}
    assert after("x = 1\r\ny = 2\r\n") == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("source", "line", "column", "problem", "remedy"),
    [
        ("x = 1\nimport os", 2, 1, "“import os” is Python that is not part of the language.", "Ask the other system"),
        ("from datetime import timedelta", 1, 1, "“from datetime import timedelta”", "Write now(), today(), date("),
        ("import json", 1, 1, "“import json”", "Use the object as it is"),
        ("import company", 1, 1, "“import company”", "Remove the import"),
        ("time.sleep(1)", 1, 1, "There is no function “time.sleep” here.", "Draw a timer event"),
        ("x = json.loads(y)", 1, 5, "There is no function “json.loads” here.", "Use the object as it is"),
        ("x = random.randint(1, 6)", 1, 5, "There is no function “random.randint” here.", "Write ticket.number"),
        ("x = get_current_user()", 1, 5, "There is no function “get_current_user” here.", "Write requester"),
        ("print(1)", 1, 1, "There is no function “print” here.", "Remove the line"),
        ("x = math.floor(2.5)", 1, 5, "There is no function “math.floor” here.", "Write it with + -"),
        ("if x:\n    return 1", 2, 5, "“return 1”", "Set a variable instead"),
        ("    x = 1\n    y = foo(1)", 2, 9, "There is no function “foo” here.", "the language reference lists all"),
        ("x = 1\n      y = z.__dict__", 2, 11, "“__dict__” begins with two underscores.", "Choose another name."),
        ("x = (1", 1, 5, "Python cannot read this: '(' was never closed.", "Check the brackets"),
        ("x = lenn(y)", 1, 5, "There is no function “lenn” here.", "Write “len”"),
        ("x = y && z", 1, 8, "This is not an expression of the Python subset.", "Write and, or, not"),
        ("x = “a”", 1, 5, "““” is not part of the language.", 'Type the plain character " instead.'),
        ("break", 1, 1, "break and continue stand inside a loop only.", "Remove the line."),
    ],
)
def test_a_refusal_says_where_what_and_how_to_mend_it(
    source: str, line: int, column: int, problem: str, remedy: str
) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_script(source)
    assert (raised.value.line, raised.value.column) == (line, column)
    assert str(raised.value.message).startswith(problem)
    assert remedy in str(raised.value.remedy)


def test_a_long_table_may_be_written_into_a_script() -> None:
    rows = ",\n".join(f"    {{'name': 'row {number}', 'size': {number}}}" for number in range(600))
    source = f"rows = [\n{rows}\n]\n"
    assert len(source) > 20_000
    assert len(after(source)["rows"]) == 600


def test_a_module_that_is_a_variable_has_its_own_methods() -> None:
    assert after("x = time.get('hour')\ndel time", time={"hour": 5}) == {"x": 5}


def test_pythons_clock_is_the_tickets() -> None:
    names, now = frozenset({"now", "today"}), dt.datetime(2026, 11, 22, 9, 5, tzinfo=dt.UTC)
    source = "a = datetime.now()\nb = round(time.time() * 1000)\nc = date.today() + datetime.timedelta(days=1)"
    values: dict[str, Any] = {}
    compile_script(source, functions=names).run(values, functions={"now": lambda: now, "today": now.date})
    assert values == {"a": "2026-11-22T09:05:00+00:00", "b": 1795338300000, "c": "2026-11-23"}
