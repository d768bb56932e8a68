"""What reading Python needs: its parser, kept from harm, and where in the text each part of its tree stands."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass, field
from itertools import accumulate

from engine.expressions.budget import MAX_DEPTH, MAX_SCRIPT, MAX_SOURCE
from engine.expressions.nodes import Items, Name, Node
from engine.expressions.problems import N_, ExpressionError
from engine.expressions.python_text import check_python, mistake
from engine.expressions.source import Source, check_source, too_complex, unreadable

WORDS = {"true": True, "false": False, "null": None}
_REMEDIES: dict[type[ast.AST], str] = {
    ast.Lambda: N_("Write a comprehension instead of lambda."),
    ast.Set: N_("Write a list: [1, 2]."),
    ast.SetComp: N_("Write a list: [… for … in …]."),
    ast.NamedExpr: N_("Set the variable in a script task."),
    ast.Starred: N_("Join lists with +."),
    ast.GeneratorExp: N_("Write a list: [… for … in …]."),
}


class NotPython(ExpressionError):
    """The text is not Python at all; it may be another language."""


@dataclass(slots=True)
class Reader:
    """What reading one Python text needs: the text, the host functions, where the text begins for the parser."""

    source: Source
    functions: frozenset[str]
    shift: int = 0
    depth: int = 0
    lines: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def offset(self, tree: ast.AST) -> int:
        """Where `tree` begins in the source; Python counts lines from 1 and columns in bytes of UTF-8."""
        return self.offset_at(getattr(tree, "lineno", 1), getattr(tree, "col_offset", 0))

    def offset_at(self, line: int, column: int) -> int:
        """The offset in the source of the parser's line and column."""
        if not self.lines:
            self.lines = ("(" * self.shift + self.source.text).split("\n")
            self.starts = [0, *accumulate(len(each) + 1 for each in self.lines)]
        if line > len(self.lines):
            return len(self.source.text)
        here = self.lines[line - 1]
        inside = column if here.isascii() else len(here.encode()[:column].decode(errors="ignore"))
        return max(0, min(self.starts[line - 1] + min(inside, len(here)) - self.shift, len(self.source.text)))

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
        remedy = _REMEDIES.get(type(tree), N_("The language reference lists what there is."))
        return self.refuse(tree, N_("“%(code)s” is Python that is not part of the language."), remedy, code=text)


@functools.singledispatch
def read(tree: ast.AST, reader: Reader) -> Node:
    """The node for one kind of Python tree; the kinds registered below are the language."""
    raise reader.unknown(tree)


def parse(source: Source, mode: str, shift: int = 0) -> ast.AST:
    """Python's own tree of `source`, in brackets when `shift` is 1; raises ExpressionError whatever the text holds."""
    check_source(source, MAX_SCRIPT if mode == "exec" else MAX_SOURCE)
    check_python(source)
    text = f"({source.text}\n)" if shift else source.text
    try:
        return ast.parse(text, mode=mode)
    except SyntaxError as error:
        refusal = _syntax(source, error, shift, script=mode == "exec")
        raise NotPython(refusal.message, refusal.remedy, line=refusal.line, column=refusal.column) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise too_complex(source) from None


def _offset(source: Source, error: SyntaxError, shift: int) -> int:
    """Where Python's parser stopped; it counts characters there, and says 0 for the end."""
    if not error.offset:
        return len(source.text)
    line = error.lineno or 1
    here = (("(" * shift + source.text).split("\n") + [""] * line)[line - 1]
    return Reader(source, frozenset(), shift).offset_at(line, len(here[: error.offset - 1].encode()))


def _syntax(source: Source, error: SyntaxError, shift: int, *, script: bool) -> ExpressionError:
    offset = _offset(source, error, shift)
    remedy = mistake(source.text, script=script)
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
