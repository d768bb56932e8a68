"""What could be read and is refused: where feelin, which evaluates forms in browsers, departs from DMN or from us.

Wherever the two give different answers, and that can be seen before the expression runs, it is not accepted.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from engine.expressions.cursor import Token
from engine.expressions.feel.arguments import CHECKS, Refused
from engine.expressions.feel.constants import differs, value_of
from engine.expressions.feel.kinds import COMPARISONS, INSTANTS, SPANS
from engine.expressions.feel.values import ORDERED
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Constant,
    Context,
    HostCall,
    Invoke,
    Items,
    Name,
    Node,
    Property,
    Span,
)
from engine.expressions.problems import N_, ExpressionError

if TYPE_CHECKING:
    from engine.expressions.feel.parser import Parser

_PYTHONS = {"True": "true", "False": "false", "None": "null"}
_UNTESTABLE = frozenset({"number", "string", "list", "context", "function", "range", *INSTANTS, *SPANS})


def check_operands(parser: Parser, operator: Token, left: Node, right: Node) -> None:
    """Arithmetic and comparisons whose operands are known not to go together."""
    symbol, kinds = operator.text, (parser.kinds.of(left), parser.kinds.of(right))
    if symbol in COMPARISONS:
        _check_comparison(parser, operator, left, right)
    elif symbol in ("*", "/", "**") and not SPANS.isdisjoint(kinds):
        raise _spans(parser, operator)
    elif _is_mixed(kinds) or ("time" in kinds and "years and months duration" in kinds):
        raise _unlike(parser, operator, *kinds)
    elif symbol == "-" and _zones_differ(left, right):
        raise _zones(parser, operator)


def _check_comparison(parser: Parser, operator: Token, left: Node, right: Node) -> None:
    symbol, kinds = operator.text, (parser.kinds.of(left), parser.kinds.of(right))
    ordered = symbol not in ("=", "!=")
    known = all(kinds) and "null" not in kinds
    if (ordered and known and (kinds[0] != kinds[1] or kinds[0] not in ORDERED)) or _is_mixed(kinds):
        raise _unlike(parser, operator, *kinds)
    if _zones_differ(left, right):
        raise _zones(parser, operator)
    if symbol == "!=" and (_is_short(left) or _is_short(right)):
        problem = N_("“!=” compares with a list of one item or none, which is like a single value.")
        raise parser.refuse(operator, problem, N_("Ask for the number of items: count(…) > 0."))
    if symbol in ("=", "!=") and _are_long(left, right):
        problem = N_("Long durations of days are compared by their months elsewhere.")
        raise parser.refuse(operator, problem, N_("Compare dates."))
    if differs(symbol, left, right):
        problem = N_("Fractions that are computed differ in their last digits from place to place.")
        raise parser.refuse(operator, problem, N_("Round before you compare: decimal(…, 2)."))


def _is_mixed(kinds: tuple[str, str]) -> bool:
    return kinds[0] != kinds[1] and SPANS.issuperset(kinds)


def _is_short(node: Node) -> bool:
    return isinstance(node, Items) and len(node.items) < 2


def _are_long(left: Node, right: Node) -> bool:
    """Whether both are durations of half a year and more that are written out and differ."""
    spans = value_of(left), value_of(right)
    return spans[0] != spans[1] and all(isinstance(span, dt.timedelta) and abs(span.days) > 180 for span in spans)


def _zones_differ(left: Node, right: Node) -> bool:
    first, second = value_of(left), value_of(right)
    zones = [getattr(value, "tzinfo", None) for value in (first, second)]
    return hasattr(first, "tzinfo") and hasattr(second, "tzinfo") and str(zones[0]) != str(zones[1])


def _unlike(parser: Parser, operator: Token, left: str, right: str) -> ExpressionError:
    params = {"operator": operator.text, "left": left, "right": right}
    problem = N_("“%(operator)s” does not go between %(left)s and %(right)s.")
    return parser.source.refuse(operator.offset, problem, N_("Use values of one kind."), params)


def _zones(parser: Parser, operator: Token) -> ExpressionError:
    problem = N_("“%(found)s” stands between times of different zones.")
    return parser.refuse(operator, problem, N_("Write both in the same zone."))


def _spans(parser: Parser, operator: Token) -> ExpressionError:
    problem = N_("“%(found)s” does not work with durations; they are only added, subtracted and compared.")
    return parser.refuse(operator, problem, N_("Write the duration that you mean, or add it several times."))


def check_minus(parser: Parser, minus: Token) -> None:
    """A minus sign before a number with space between them."""
    token = parser.token
    if token.kind == "number" and token.offset > minus.offset + 1:
        problem = N_("Between the minus sign and its number is a space.")
        raise parser.refuse(minus, problem, N_("Write the minus sign right before the number."))


def check_negated(parser: Parser, minus: Token, operand: Node) -> None:
    """The minus of a duration."""
    if parser.kinds.of(operand) in SPANS:
        raise _spans(parser, minus)


def check_condition(parser: Parser, token: Token, condition: Node) -> None:
    """What follows `if` or `satisfies` and is never true or false."""
    kind = parser.kinds.of(condition)
    if kind in _UNTESTABLE:
        problem = N_("The condition gives %(kind)s, not true or false.")
        remedy = N_("Compare it with something, such as … != null.")
        raise parser.source.refuse(token.offset, problem, remedy, {"kind": kind})


def unbracketed(parser: Parser) -> ExpressionError:
    """`x in list and …`, which others read as x in (list and …)."""
    problem = N_("“%(found)s” follows a test with “in”, which then is read in two ways.")
    return parser.refuse(parser.token, problem, N_("Put brackets around the test: (a in b) and …"))


def check_ends(parser: Parser, token: Token, span: Span) -> None:
    """A range whose ends are known to be of different kinds, or of one without order."""
    low, high = parser.kinds.of(span.low), parser.kinds.of(span.high)
    ends = {low, high} - {"", "null"}
    if len(ends) > 1 or not ends <= ORDERED:
        params = {"low": low or "…", "high": high or "…"}
        problem = N_("A range does not go from %(low)s to %(high)s.")
        raise parser.source.refuse(token.offset, problem, N_("Give both ends of one kind."), params)


def check_direction(parser: Parser, token: Token, span: Span) -> None:
    """A test with a range written from the higher end to the lower."""
    low, high = value_of(span.low), value_of(span.high)
    try:
        reversed_ = low is not None and high is not None and type(low) is type(high) and low > high
    except TypeError:
        reversed_ = False
    if reversed_:
        problem = N_("The range goes from the higher end to the lower.")
        raise parser.refuse(token, problem, N_("Write the lower end first."))


def check_steps(parser: Parser, token: Token, span: Span) -> None:
    """What `for x in a..b` does not count through everywhere."""
    if value_of(span.high) == 0:
        raise parser.refuse(token, N_("A loop to 0 needs brackets."), N_("Write [a..0]."))
    check_ends(parser, token, span)


def check_source(parser: Parser, token: Token, source: Node) -> None:
    """What a loop cannot go over."""
    kind = parser.kinds.of(source)
    letters = isinstance(source, Span) and parser.kinds.of(source.low) == "string"
    if letters or kind not in ("", "list", "range", "null"):
        problem = N_("A loop goes over a list, or over numbers from … to …, not over %(kind)s.")
        remedy = N_("Put the values into a list: [a, b].")
        raise parser.source.refuse(token.offset, problem, remedy, {"kind": kind})


def check_filter(parser: Parser, token: Token, condition: Node) -> None:
    """Conditions that others take for a position, or that they never meet."""
    kind = parser.kinds.of(condition)
    if kind in (_UNTESTABLE | {"null"}) - {"number"}:
        problem = N_("A list is not filtered by %(kind)s.")
        remedy = N_("Write a position, or a condition such as item > 5.")
        raise parser.source.refuse(token.offset, problem, remedy, {"kind": kind})
    of_item = _root(condition) == "item"
    if of_item or (isinstance(condition, Call | HostCall | Invoke | Choice) and kind != "number"):
        problem = N_("The filter is taken for a position, not for a condition.")
        raise parser.refuse(token, problem, N_("Write = true after it."))
    if isinstance(condition, Binary) and condition.operator == "=" and _is_falsy(condition):
        problem = N_("A filter never gives items that are null or false.")
        raise parser.refuse(token, problem, N_("Count them: count(list) - count(list[item != null])."))


def _root(node: Node) -> str:
    while isinstance(node, Property):
        node = node.value
    return node.id if isinstance(node, Name) else ""


def _is_falsy(condition: Binary) -> bool:
    sides = condition.left, condition.right
    has_item = any(isinstance(side, Name) and side.id == "item" for side in sides)
    return has_item and any(isinstance(side, Constant) and side.value in (None, False) for side in sides)


def check_variable(parser: Parser, token: Token, name: str) -> None:
    """Python's constants, which FEEL takes for variables."""
    if name in _PYTHONS and name not in parser.bound:
        params = {"found": name, "plain": _PYTHONS[name]}
        problem = N_("“%(found)s” is the name of a variable in FEEL.")
        raise parser.source.refuse(token.offset, problem, N_("Write %(plain)s."), params)


def check_call(parser: Parser, token: Token, name: str, arguments: tuple[Node, ...]) -> Node | None:
    """Refuse arguments that a function treats differently elsewhere; what the call is, if that is known by now."""
    for check in CHECKS.get(name, ()):
        found = check(arguments, parser.kinds)
        if isinstance(found, Refused):
            params = {"name": name, "written": found.written}
            raise parser.source.refuse(token.offset, found.problem, found.remedy, params)
        if found is not None:
            return found
    return None


def check_result(parser: Parser, token: Token, node: Node) -> None:
    """An expression that gives what no variable can hold."""
    entries = [value for _, value in node.entries] if isinstance(node, Context) else [node]
    kind = next((kind for kind in map(parser.kinds.of, entries) if kind in ("range", "function")), "")
    if kind:
        problem = N_("The expression gives a %(kind)s, which cannot be kept.")
        remedy = N_("Use it in the expression: test a value with in, or call the function.")
        raise parser.source.refuse(token.offset, problem, remedy, {"kind": kind})
