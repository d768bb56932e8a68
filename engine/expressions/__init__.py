"""The one safe language of conditions, scripts, titles and forms: Python subset, FEEL and JUEL, run with a budget."""

from engine.expressions.budget import DEFAULT_BUDGET, Budget, Purse
from engine.expressions.compile import compile_expression, compile_script, compile_template, compile_tests, language_of
from engine.expressions.expression import Expression, Script
from engine.expressions.juel import NotRun
from engine.expressions.nodes import Language
from engine.expressions.problems import (
    N_,
    BudgetExceeded,
    EvaluationError,
    ExpressionError,
    Level,
    Message,
    Problem,
)
from engine.expressions.temporal import Months
from engine.expressions.values import to_json

__all__ = [
    "DEFAULT_BUDGET",
    "N_",
    "Budget",
    "BudgetExceeded",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Language",
    "Level",
    "Message",
    "Months",
    "NotRun",
    "Problem",
    "Purse",
    "Script",
    "compile_expression",
    "compile_script",
    "compile_template",
    "compile_tests",
    "language_of",
    "to_json",
]
