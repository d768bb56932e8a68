"""Python statements to the checked tree: assignments, if, for, while."""

from __future__ import annotations

import ast
import functools
import textwrap

from engine.expressions.budget import MAX_DEPTH, MAX_SCRIPT
from engine.expressions.nodes import Index, Items, Language, Name, Node, Property
from engine.expressions.problems import N_, ExpressionError
from engine.expressions.python import OPERATORS
from engine.expressions.python_foreign import MODULES
from engine.expressions.python_reader import Reader, parse
from engine.expressions.script_nodes import Assign, Augment, Delete, Evaluate, For, If, Leave, Statement, While
from engine.expressions.source import Source, check_source, too_complex

_REMEDIES: dict[type[ast.AST], str] = {
    ast.Import: N_("Remove the import; the language's functions need none."),
    ast.ImportFrom: N_("Remove the import; the language's functions need none."),
    ast.Return: N_("Set a variable instead; a script has no caller."),
    ast.FunctionDef: N_("Write the steps where they are needed, in a for if they repeat."),
    ast.Try: N_("Check with if before the step that may fail."),
    ast.Raise: N_("Set a variable, and let a gateway after the script decide."),
    ast.Global: N_("Remove the line; every variable is the ticket's."),
    ast.AnnAssign: N_("Write: name = value."),
}


def read_script(source: Source, functions: frozenset[str]) -> tuple[Statement, ...]:
    """The statements of a script; text indented as a whole, as in a BPMN file, is fine."""
    check_source(source, MAX_SCRIPT)
    source = _dedented(source)
    tree = parse(source, "exec")
    assert isinstance(tree, ast.Module)
    return ScriptReader(source, functions).block(tree.body)


def _dedented(source: Source) -> Source:
    text = source.text.replace("\r\n", "\n")
    first, newline, rest = text.partition("\n")
    if first.strip() and not first.rstrip().endswith((":", "(", "[", "{", "\\")):
        flush = textwrap.dedent(rest)
        return Source(first.lstrip() + newline + flush, source.line, source.column, len(rest) and _cut(rest, flush))
    flush = textwrap.dedent(text)
    cut = _cut(text, flush)
    return Source(flush, source.line, source.column + cut, cut)


def _cut(text: str, flush: str) -> int:
    """How many characters dedent took from each line that has any."""
    pairs = zip(text.split("\n"), flush.split("\n"), strict=True)
    return next((len(before) - len(after) for before, after in pairs if after.strip()), 0)


class ScriptReader(Reader):
    """A reader that knows whether it is inside a loop."""

    loops = 0

    def block(self, trees: list[ast.stmt]) -> tuple[Statement, ...]:
        """The statements of a block; `pass` leaves none."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_complex(self.source, self.offset(trees[0]))
        statements = tuple(read(tree, self) for tree in trees if not isinstance(tree, ast.Pass))
        self.depth -= 1
        return statements

    def loop(self, trees: list[ast.stmt]) -> tuple[Statement, ...]:
        """The statements of a loop's body."""
        self.loops += 1
        statements = self.block(trees)
        self.loops -= 1
        return statements

    def place(self, tree: ast.expr) -> Node:
        """What can be set: a name, an entry, or a tuple of such."""
        if isinstance(tree, ast.Name):
            return Name(self.new_name(tree))
        if isinstance(tree, ast.Attribute):
            return Property(Language.PYTHON, self.node(tree.value), self.name(tree, tree.attr))
        if isinstance(tree, ast.Subscript) and not isinstance(tree.slice, ast.Slice):
            return Index(Language.PYTHON, self.node(tree.value), self.node(tree.slice))
        if isinstance(tree, ast.Tuple | ast.List):
            return Items(tuple(self.place(item) for item in tree.elts), fixed=True)
        raise self.refuse(tree, N_("This cannot be set."), N_('Set a name or an entry: name = …, name["key"] = …'))

    def unknown_statement(self, tree: ast.stmt) -> ExpressionError:
        """The error for a statement that the language lacks."""
        first = (ast.get_source_segment(self.source.text, tree) or type(tree).__name__).split("\n")[0]
        remedy = _REMEDIES.get(type(tree), N_("The language reference lists what there is."))
        if isinstance(tree, ast.Import | ast.ImportFrom):
            remedy = MODULES.get(_module(tree), remedy)
        return self.refuse(tree, N_("“%(code)s” is Python that is not part of the language."), remedy, code=first)


def _module(tree: ast.Import | ast.ImportFrom) -> str:
    name = (tree.module or "") if isinstance(tree, ast.ImportFrom) else tree.names[0].name
    return name.partition(".")[0]


@functools.singledispatch
def read(tree: ast.stmt, reader: ScriptReader) -> Statement:
    """The node for one kind of statement; the kinds registered below are the language."""
    raise reader.unknown_statement(tree)


@read.register
def _(tree: ast.Expr, reader: ScriptReader) -> Statement:
    return Evaluate(tree.lineno, reader.node(tree.value))


@read.register
def _(tree: ast.Assign, reader: ScriptReader) -> Statement:
    value = reader.node(tree.value)
    return Assign(tree.lineno, tuple(reader.place(target) for target in tree.targets), value)


@read.register
def _(tree: ast.AugAssign, reader: ScriptReader) -> Statement:
    operator = OPERATORS.get(type(tree.op))
    if operator is None:
        raise reader.unknown_statement(tree)
    return Augment(tree.lineno, reader.place(tree.target), operator, reader.node(tree.value))


@read.register
def _(tree: ast.Delete, reader: ScriptReader) -> Statement:
    for target in tree.targets:
        if not isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            raise reader.unknown(target)
    return Delete(tree.lineno, tuple(reader.place(target) for target in tree.targets))


@read.register
def _(tree: ast.If, reader: ScriptReader) -> Statement:
    return If(tree.lineno, reader.node(tree.test), reader.block(tree.body), reader.block(tree.orelse))


@read.register
def _(tree: ast.For, reader: ScriptReader) -> Statement:
    source = reader.node(tree.iter)
    return For(tree.lineno, reader.target(tree.target), source, reader.loop(tree.body), reader.block(tree.orelse))


@read.register
def _(tree: ast.While, reader: ScriptReader) -> Statement:
    return While(tree.lineno, reader.node(tree.test), reader.loop(tree.body), reader.block(tree.orelse))


@read.register
def _(tree: ast.Break, reader: ScriptReader) -> Statement:
    return _leave(tree, reader, again=False)


@read.register
def _(tree: ast.Continue, reader: ScriptReader) -> Statement:
    return _leave(tree, reader, again=True)


def _leave(tree: ast.stmt, reader: ScriptReader, *, again: bool) -> Statement:
    if not reader.loops:
        raise reader.refuse(tree, N_("break and continue stand inside a loop only."), N_("Remove the line."))
    return Leave(tree.lineno, again)
