"""Compiled expressions and scripts: what the rest of Gongdan holds and runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from engine.expressions.budget import DEFAULT_BUDGET, Budget, Purse, Run
from engine.expressions.closures import Scope, build
from engine.expressions.flow import changed, written
from engine.expressions.nodes import Language, Node
from engine.expressions.problems import N_, EvaluationError, Message, clip
from engine.expressions.script_nodes import Statement
from engine.expressions.source import Source, too_complex
from engine.expressions.statements import build_block
from engine.expressions.values import ATOMS, plain, to_json, too_large

Functions = Mapping[str, Callable[..., Any]]
NO_FUNCTIONS: Functions = MappingProxyType({})
_FINISHED = ATOMS - {Decimal}
FAULTS = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError, MemoryError)


class Expression:
    """An expression that can be evaluated any number of times, by any thread."""

    __slots__ = ("_cells", "_code", "_remake", "language", "names", "source", "tree")

    def __init__(self, source: str, language: Language, tree: Node, remake: tuple[Any, ...]) -> None:
        scope = Scope()
        self._code = _guarded_build(lambda: build(tree, scope), source)
        self._cells = scope.cells
        self._remake = remake
        self.source = source
        self.language = language
        self.tree = tree
        self.names = frozenset(scope.names)

    def __repr__(self) -> str:
        return f"Expression({self.source!r}, {self.language})"

    def __reduce__(self) -> tuple[Any, ...]:
        return self._remake

    def evaluate(
        self,
        values: Mapping[str, Any],
        *,
        functions: Functions = NO_FUNCTIONS,
        budget: Budget | Purse | None = None,
    ) -> Any:
        """The value: JSON types, dates, times and durations, never sharing a list or object with `values`.

        Raises EvaluationError when it fails, BudgetExceeded when it takes more than `budget`.
        """
        allowed = budget.allow() if isinstance(budget, Purse) else budget or DEFAULT_BUDGET
        run = Run(values, functions, allowed, self._cells)
        try:
            result = self._code(run)
            return result if type(result) in _FINISHED else plain(run, result)
        except FAULTS as fault:
            raise explained(fault) from fault
        finally:
            if isinstance(budget, Purse):
                budget.pay(allowed.steps - run.steps)

    def is_true(self, value: Any) -> bool:
        """Whether a value of this expression says yes, as a condition: in JUEL text says so by being true alone."""
        if self.language is Language.FEEL:
            return value is True
        if self.language is Language.JUEL and isinstance(value, str):
            return value.lower() == "true"
        return bool(value)

    @property
    def cells(self) -> int:
        """The cells that a run needs which this expression takes part in."""
        return self._cells

    def part(self, run: Run) -> Any:
        """The value inside a run of several expressions, as the language has it; raises what Python raises."""
        return self._code(run)


class Script:
    """A script that can be run any number of times, by any thread; `reads` and `writes` name variables."""

    __slots__ = ("_cells", "_changed", "_code", "_frame", "_remake", "reads", "source", "tree", "writes")

    def __init__(self, source: str, tree: tuple[Statement, ...], remake: tuple[Any, ...]) -> None:
        scope = Scope()
        self._code = _guarded_build(lambda: build_block(tree, scope), source)
        self._cells = scope.cells
        self._remake = remake
        self.source = source
        self.tree = tree
        self.reads = frozenset(scope.names)
        self.writes = written(tree)
        self._frame = self.reads | self.writes
        self._changed = changed(tree) & self._frame

    def __repr__(self) -> str:
        return f"Script({self.source!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return self._remake

    def run(
        self,
        values: dict[str, Any],
        *,
        functions: Functions = NO_FUNCTIONS,
        budget: Budget | None = None,
    ) -> None:
        """Set in `values` what the script sets, as JSON types; when it fails, `values` stays as it was.

        The lists and objects that `values` held are never changed in place: changed copies take their place.
        Raises EvaluationError (its `line` is the script's) and BudgetExceeded.
        """
        run = Run({}, functions, budget or DEFAULT_BUDGET, self._cells)
        try:
            changes = self._changes(run, values)
        except EvaluationError as error:
            error.line = run.line
            raise
        except FAULTS as fault:
            raise explained(fault, line=run.line) from fault
        for name in self.writes - changes.keys():
            values.pop(name, None)
        values.update(changes)

    def _changes(self, run: Run, values: Mapping[str, Any]) -> dict[str, Any]:
        run.values = frame = run.frame = {name: values[name] for name in self._frame if name in values}
        for name in self._changed & frame.keys():
            frame[name] = plain(run, frame[name])
        self._code(run)
        return {
            name: value if name in values and value is values[name] else to_json(value, run)
            for name, value in frame.items()
            if name in self.writes
        }


def explained(fault: BaseException, *, line: int = 1) -> EvaluationError:
    """The EvaluationError for an exception of Python's."""
    if isinstance(fault, OverflowError):
        return EvaluationError(too_large().message, line=line)
    if isinstance(fault, ZeroDivisionError):
        return EvaluationError(Message(N_("A number is divided by zero.")), line=line)
    if isinstance(fault, RecursionError | MemoryError):
        return EvaluationError(Message(N_("The values are nested too deeply.")), line=line)
    if isinstance(fault, LookupError):
        return EvaluationError(Message(N_("There is no entry “%(key)s”."), {"key": clip(fault)}), line=line)
    return EvaluationError(Message(N_("A value does not fit: %(detail)s"), {"detail": clip(fault, 120)}), line=line)


def _guarded_build(make: Callable[[], Any], source: str) -> Any:
    try:
        return make()
    except RecursionError:
        raise too_complex(Source(source)) from None
