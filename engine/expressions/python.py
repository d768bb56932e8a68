"""Python expressions to the checked tree: what is not read here does not exist."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Container

from engine.expressions.budget import MAX_BITS
from engine.expressions.functions import UnknownFunction, check_call, unknown_function
from engine.expressions.loop_nodes import Clause, Comprehension, Quantified
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Compare,
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
    Slice,
    Text,
    Unary,
)
from engine.expressions.problems import N_
from engine.expressions.python_foreign import SAME, dotted, instead_of
from engine.expressions.python_functions import FUNCTIONS
from engine.expressions.python_methods import METHOD_NAMES
from engine.expressions.python_reader import WORDS, Reader, parse, read
from engine.expressions.source import Source

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_FORMAT = re.compile(r"(?:.?[<>^=])?[+ -]?#?0?[0-9]{0,3},?(?:\.[0-9]{1,2})?[bdeEfFgGosxX%]?", re.DOTALL)


def read_python(source: Source, functions: frozenset[str]) -> Node:
    """The tree of one Python expression; lines may break anywhere."""
    source = source.stripped()
    shift = 1 if "\n" in source.text else 0
    tree = parse(source, "eval", shift)
    assert isinstance(tree, ast.Expression)
    return Reader(source, functions, shift).node(tree.body)


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
    written = dotted(tree.func)
    name = SAME.get(written, written)
    arguments = _arguments(tree, reader)
    keywords = _keywords(tree, reader)
    if name in reader.functions:
        return HostCall(name, arguments, keywords)
    if written == "time.time" and "now" in reader.functions:
        return Method(HostCall("now", arguments, keywords), "timestamp", ())
    if isinstance(tree.func, ast.Attribute) and name not in FUNCTIONS:
        return _method(tree.func, reader, arguments, keywords)
    if not name:
        raise reader.unknown(tree)
    _check_known(tree, reader, name, FUNCTIONS)
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


def _method(
    tree: ast.Attribute, reader: Reader, arguments: tuple[Node, ...], keywords: tuple[tuple[str, Node], ...]
) -> Node:
    _check_known(tree, reader, dotted(tree), METHOD_NAMES)
    if tree.attr not in METHOD_NAMES:
        raise unknown_function(reader.source, reader.offset(tree), tree.attr, METHOD_NAMES)
    return Method(reader.node(tree.value), tree.attr, arguments, keywords)


def _check_known(tree: ast.expr, reader: Reader, name: str, known: Container[str]) -> None:
    """Refuse what belongs to a module or another engine, with what to write instead."""
    remedy = instead_of(name)
    if remedy is not None and name.rpartition(".")[2] not in known:
        error = reader.refuse(tree, N_("There is no function “%(name)s” here."), remedy, name=name)
        raise UnknownFunction(error.message, error.remedy, line=error.line, column=error.column)


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
