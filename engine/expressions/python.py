"""Python expressions to the checked tree: what is not read here does not exist."""

from __future__ import annotations

import ast
import functools
import math
import re
from dataclasses import dataclass

from engine.expressions.budget import MAX_BITS, MAX_DEPTH
from engine.expressions.functions import check_call, unknown_function
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Clause,
    Compare,
    Comprehension,
    Constant,
    Entries,
    Formatted,
    HostCall,
    Index,
    Items,
    Language,
    Logic,
    Method,
    Name,
    Node,
    Property,
    Quantified,
    Slice,
    Text,
    Unary,
)
from engine.expressions.problems import N_, ExpressionError
from engine.expressions.python_functions import FUNCTIONS
from engine.expressions.python_methods import METHOD_NAMES
from engine.expressions.python_text import check_python, mistake
from engine.expressions.source import Source, check_source, too_complex, unreadable

WORDS = {"true": True, "false": False, "null": None}
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_FORMAT = re.compile(r"(?:.?[<>^=])?[+ -]?#?0?[0-9]{0,3},?(?:\.[0-9]{1,2})?[bdeEfFgGosxX%]?", re.DOTALL)
_REMEDIES: dict[type[ast.AST], str] = {
    ast.Lambda: N_("Write a comprehension instead of lambda."),
    ast.Set: N_("Write a list: [1, 2]."),
    ast.SetComp: N_("Write a list: [… for … in …]."),
    ast.NamedExpr: N_("Set the variable in a script task."),
    ast.Starred: N_("Join lists with +."),
    ast.GeneratorExp: N_("Write a list: [… for … in …]."),
}


@dataclass(slots=True)
class Reader:
    """What reading one Python text needs: the text, the host functions, where the text begins for the parser."""

    source: Source
    functions: frozenset[str]
    shift: int = 0
    depth: int = 0

    def offset(self, tree: ast.AST) -> int:
        """Where `tree` begins in the source; Python counts lines from 1 and columns in bytes of UTF-8."""
        return self.offset_at(getattr(tree, "lineno", 1), getattr(tree, "col_offset", 0))

    def offset_at(self, line: int, column: int) -> int:
        """The offset in the source of the parser's line and column."""
        lines = ("(" * self.shift + self.source.text).split("\n")
        before = "\n".join(lines[: line - 1]) + ("\n" if line > 1 else "")
        here = lines[line - 1] if line <= len(lines) else ""
        inside = len(here.encode()[:column].decode(errors="ignore"))
        return max(0, min(len(before) + inside - self.shift, len(self.source.text)))

    def node(self, tree: ast.expr) -> Node:
        """The node for `tree`; raises ExpressionError for what the language lacks."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_complex(self.source, self.offset(tree))
        node = read(tree, self)
        self.depth -= 1
        return node

    def nodes(self, trees: list[ast.expr]) -> tuple[Node, ...]:
        """The nodes for several trees."""
        return tuple(self.node(tree) for tree in trees)

    def name(self, tree: ast.AST, name: str) -> str:
        """`name`, unless it reaches for Python's insides."""
        if name.startswith("__"):
            raise self.refuse(
                tree, N_("“%(name)s” begins with two underscores."), N_("Choose another name."), name=name
            )
        return name

    def target(self, tree: ast.expr) -> Node:
        """A name, or a tuple of names, that a loop binds."""
        if isinstance(tree, ast.Name):
            return Name(self.new_name(tree))
        if isinstance(tree, ast.Tuple | ast.List):
            return Items(tuple(self.target(item) for item in tree.elts), fixed=True)
        raise self.refuse(tree, N_("A loop gives its items to names only."), N_("Write: for name in list."))

    def new_name(self, tree: ast.Name) -> str:
        """A name that may be set."""
        if tree.id in WORDS:
            raise self.refuse(tree, N_("“%(name)s” cannot be set."), N_("Choose another name."), name=tree.id)
        return self.name(tree, tree.id)

    def refuse(self, tree: ast.AST, text: str, remedy: str, **params: object) -> ExpressionError:
        """The error to raise for `tree`."""
        return self.source.refuse(self.offset(tree), text, remedy, params)

    def unknown(self, tree: ast.AST) -> ExpressionError:
        """The error for a construct of Python that the language lacks."""
        text = (ast.get_source_segment("(" * self.shift + self.source.text, tree) or "").strip() or type(tree).__name__
        remedy = _REMEDIES.get(type(tree), N_("docs/expressions.md lists what there is."))
        return self.refuse(tree, N_("“%(code)s” is Python that is not part of the language."), remedy, code=text)


def read_python(source: Source, functions: frozenset[str]) -> Node:
    """The tree of one Python expression; lines may break anywhere."""
    source = source.stripped()
    shift = 1 if "\n" in source.text else 0
    tree = parse(source, "eval", shift)
    assert isinstance(tree, ast.Expression)
    return Reader(source, functions, shift).node(tree.body)


def parse(source: Source, mode: str, shift: int = 0) -> ast.AST:
    """Python's own tree of `source`, in brackets when `shift` is 1; raises ExpressionError whatever the text holds."""
    check_source(source)
    check_python(source)
    text = f"({source.text}\n)" if shift else source.text
    try:
        return ast.parse(text, mode=mode)
    except SyntaxError as error:
        raise _syntax(source, error, shift) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise too_complex(source) from None


def _syntax(source: Source, error: SyntaxError, shift: int) -> ExpressionError:
    line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
    reader = Reader(source, frozenset(), shift)
    here = (("(" * shift + source.text).split("\n") + [""] * line)[line - 1]
    offset = reader.offset_at(line, len(here[:column].encode()))
    remedy = mistake(source.text)
    if remedy:
        return source.refuse(offset, N_("This is not an expression of the Python subset."), remedy)
    if error.msg == "invalid syntax":
        return unreadable(source, offset, source.text[offset : offset + 20].split("\n")[0].strip())
    return source.refuse(
        offset,
        N_("Python cannot read this: %(detail)s."),
        N_("Check the brackets, quotation marks, colons and indentation here."),
        {"detail": error.msg},
    )


@functools.singledispatch
def read(tree: ast.AST, reader: Reader) -> Node:
    """The node for one kind of Python tree; the kinds registered below are the language."""
    raise reader.unknown(tree)


@read.register
def _(tree: ast.Constant, reader: Reader) -> Node:
    value = tree.value
    if type(value) not in (str, int, float, bool, type(None)):
        raise reader.unknown(tree)
    if (isinstance(value, int) and value.bit_length() > MAX_BITS) or (isinstance(value, float) and math.isinf(value)):
        raise reader.refuse(tree, N_("The number is too large."), N_("Write a smaller number."))
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise reader.refuse(
                tree, N_("The text holds half a character."), N_("Write the whole character.")
            ) from None
    return Constant(value)


@read.register
def _(tree: ast.Name, reader: Reader) -> Node:
    return Constant(WORDS[tree.id]) if tree.id in WORDS else Name(reader.name(tree, tree.id))


@read.register
def _(tree: ast.List, reader: Reader) -> Node:
    return Items(reader.nodes(tree.elts))


@read.register
def _(tree: ast.Tuple, reader: Reader) -> Node:
    return Items(reader.nodes(tree.elts), fixed=True)


@read.register
def _(tree: ast.Dict, reader: Reader) -> Node:
    pairs = []
    for key, value in zip(tree.keys, tree.values, strict=True):
        if key is None:
            raise reader.refuse(tree, N_("** does not work inside { }."), N_("Write: name.update(other)."))
        pairs.append((reader.node(key), reader.node(value)))
    return Entries(tuple(pairs))


@read.register
def _(tree: ast.UnaryOp, reader: Reader) -> Node:
    operand = reader.node(tree.operand)
    return Unary(Language.PYTHON, OPERATORS[type(tree.op)], operand)


@read.register
def _(tree: ast.BinOp, reader: Reader) -> Node:
    operator = OPERATORS.get(type(tree.op))
    if operator is None:
        raise reader.unknown(tree)
    return Binary(Language.PYTHON, operator, reader.node(tree.left), reader.node(tree.right))


@read.register
def _(tree: ast.BoolOp, reader: Reader) -> Node:
    return Logic(Language.PYTHON, isinstance(tree.op, ast.And), reader.nodes(tree.values))


@read.register
def _(tree: ast.Compare, reader: Reader) -> Node:
    rest: list[tuple[str, Node]] = []
    for kind, right in zip(tree.ops, tree.comparators, strict=True):
        operator = OPERATORS[type(kind)]
        node = _choices(right, reader) if operator in ("in", "not in") else reader.node(right)
        if operator in ("is", "is not") and not _is_single(node):
            raise reader.refuse(right, N_("“is” compares with None, True and False only."), N_("Write == or !=."))
        rest.append((operator, node))
    return Compare(reader.node(tree.left), tuple(rest))


def _choices(right: ast.expr, reader: Reader) -> Node:
    """What `in` looks through: a set may be written there, and nowhere else."""
    return Items(reader.nodes(right.elts), fixed=True) if isinstance(right, ast.Set) else reader.node(right)


def _is_single(node: Node) -> bool:
    return isinstance(node, Constant) and (node.value is None or isinstance(node.value, bool))


@read.register
def _(tree: ast.IfExp, reader: Reader) -> Node:
    return Choice(Language.PYTHON, reader.node(tree.test), reader.node(tree.body), reader.node(tree.orelse))


@read.register
def _(tree: ast.Attribute, reader: Reader) -> Node:
    return Property(Language.PYTHON, reader.node(tree.value), reader.name(tree, tree.attr))


@read.register
def _(tree: ast.Subscript, reader: Reader) -> Node:
    value = reader.node(tree.value)
    if isinstance(tree.slice, ast.Slice):
        ends = (tree.slice.lower, tree.slice.upper, tree.slice.step)
        return Slice(value, *(None if end is None else reader.node(end) for end in ends))
    return Index(Language.PYTHON, value, reader.node(tree.slice))


@read.register
def _(tree: ast.Call, reader: Reader) -> Node:
    arguments = _arguments(tree, reader)
    keywords = _keywords(tree, reader)
    if isinstance(tree.func, ast.Attribute):
        if tree.func.attr not in METHOD_NAMES:
            raise unknown_function(reader.source, reader.offset(tree.func), tree.func.attr, METHOD_NAMES)
        return Method(reader.node(tree.func.value), tree.func.attr, arguments, keywords)
    if not isinstance(tree.func, ast.Name):
        raise reader.unknown(tree)
    name = tree.func.id
    if name in reader.functions:
        return HostCall(name, arguments, keywords)
    check_call(
        reader.source,
        reader.offset(tree),
        name=name,
        table=FUNCTIONS,
        count=len(arguments),
        keywords=[keyword for keyword, _ in keywords],
        others=reader.functions,
    )
    if (
        name in ("all", "any")
        and isinstance(arguments[0], Comprehension)
        and isinstance(tree.args[0], ast.GeneratorExp)
    ):
        return Quantified(Language.PYTHON, name == "all", arguments[0].clauses, arguments[0].element)
    return Call(Language.PYTHON, name, arguments, keywords)


def _arguments(tree: ast.Call, reader: Reader) -> tuple[Node, ...]:
    if len(tree.args) == 1 and isinstance(tree.args[0], ast.GeneratorExp):
        return (_comprehension(tree.args[0], reader),)
    return reader.nodes(tree.args)


def _keywords(tree: ast.Call, reader: Reader) -> tuple[tuple[str, Node], ...]:
    keywords = []
    for keyword in tree.keywords:
        if keyword.arg is None:
            raise reader.refuse(tree, N_("** does not work in a call."), N_("Write each value by itself."))
        keywords.append((reader.name(tree, keyword.arg), reader.node(keyword.value)))
    return tuple(keywords)


@read.register
def _(tree: ast.ListComp, reader: Reader) -> Node:
    return _comprehension(tree, reader)


@read.register
def _(tree: ast.DictComp, reader: Reader) -> Node:
    return Comprehension(_clauses(tree.generators, reader), reader.node(tree.value), reader.node(tree.key))


def _comprehension(tree: ast.ListComp | ast.GeneratorExp, reader: Reader) -> Comprehension:
    return Comprehension(_clauses(tree.generators, reader), reader.node(tree.elt))


def _clauses(generators: list[ast.comprehension], reader: Reader) -> tuple[Clause, ...]:
    for generator in generators:
        if generator.is_async:
            raise reader.refuse(generator.target, N_("“async” is not part of the language."), N_("Remove “async”."))
    return tuple(
        Clause(reader.target(generator.target), reader.node(generator.iter), reader.nodes(generator.ifs))
        for generator in generators
    )


@read.register
def _(tree: ast.JoinedStr, reader: Reader) -> Node:
    return Text(tuple(reader.node(part) for part in tree.values), template=False)


@read.register
def _(tree: ast.FormattedValue, reader: Reader) -> Node:
    if tree.conversion not in (-1, ord("s")):
        raise reader.refuse(tree, N_("!r and !a are not part of the language."), N_("Remove them."))
    value = reader.node(tree.value)
    if tree.format_spec is None:
        return value
    parts = tree.format_spec.values if isinstance(tree.format_spec, ast.JoinedStr) else []
    spec = "".join(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
    if not all(isinstance(part, ast.Constant) for part in parts) or not _FORMAT.fullmatch(spec):
        raise reader.refuse(
            tree, N_("The format “%(format)s” is not known."), N_("Write one such as .2f."), format=spec
        )
    return Formatted(value, spec)
