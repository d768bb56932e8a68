"""The checked tree that Python, FEEL and JUEL all parse into; where their meanings differ, a node says whose it has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The surface form an expression is written in."""

    PYTHON = "python"
    FEEL = "feel"
    JUEL = "juel"


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of the tree."""


# Values


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A literal: text, number, boolean, null; in FEEL a Decimal, date, time or duration too."""

    value: object


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable; when `optional`, null where there is none, else an error."""

    id: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list, or a tuple when `fixed`."""

    items: tuple[Node, ...]
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Entries(Node):
    """Python's {key: value, …}."""

    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Context(Node):
    """FEEL's {key: value, …}: a later entry may name an earlier one."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Span(Node):
    """FEEL's range of `low` to `high`, each end inside or outside; null is an open end, but not of `between`."""

    low: Node
    high: Node
    low_inside: bool = True
    high_inside: bool = True
    open_ends: bool = True


# Operators


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`operator` is the language's own symbol: - + ~ not empty."""

    language: Language
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, and FEEL's and JUEL's comparisons."""

    language: Language
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and` or `or` over two parts or more, from the left, no further than needed."""

    language: Language
    every: bool
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """Python's chain: a < b <= c, each operand once."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """if – then – else."""

    language: Language
    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Within(Node):
    """FEEL's `in` and `between`: true when the value meets one of the tests (Node or Bound)."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Meets(Node):
    """A cell of a decision table: as Within, but a test that is true or false has decided."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Bound(Node):
    """A unary test of FEEL: `> 5`."""

    operator: str
    limit: Node


@dataclass(frozen=True, slots=True)
class Type:
    """A type of FEEL: of a list its items' type is `inner`, of a context its entries' by name."""

    name: str
    inner: tuple[tuple[str, Type], ...] = ()


@dataclass(frozen=True, slots=True)
class Kind(Node):
    """FEEL's `instance of`."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Defined(Node):
    """Whether a variable, or an entry reached by a path, exists."""

    value: Node


# Reaching in


@dataclass(frozen=True, slots=True)
class Property(Node):
    """value.key"""

    language: Language
    value: Node
    key: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """value[index] of Python and JUEL."""

    language: Language
    value: Node
    index: Node


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """value[lower:upper:step]"""

    value: Node
    lower: Node | None
    upper: Node | None
    step: Node | None


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """FEEL's list[condition] and list[position]; a test of the item itself reads the name ITEM."""

    value: Node
    condition: Node


ITEM = "[item]"
"""The item that a filter looks at, where its entries are no names: `list[> 5]`."""


# Calls


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of the language's own table."""

    language: Language
    function: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class HostCall(Node):
    """A function that the caller of the expression hands in: person, role, now …"""

    function: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class Method(Node):
    """A method of Python's text, list or dict."""

    value: Node
    method: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    """FEEL's function(a, b) body."""

    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Invoke(Node):
    """A call of a function that the expression itself defines."""

    function: Node
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()


# Text


@dataclass(frozen=True, slots=True)
class Formatted(Node):
    """A part of an f-string with its format, such as .2f."""

    value: Node
    format: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    """Parts joined to text: an f-string (Python's str), else a template (null is nothing, true is true)."""

    parts: tuple[Node, ...]
    template: bool
