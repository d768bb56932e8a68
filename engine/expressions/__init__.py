"""The one safe language of conditions, scripts, titles and forms: Python subset, FEEL and JUEL, run with a budget."""

from engine.expressions.problems import (
    BudgetExceeded,
    EvaluationError,
    ExpressionError,
    Level,
    Message,
    N_,
    Problem,
)

__all__ = ["BudgetExceeded", "EvaluationError", "ExpressionError", "Level", "Message", "N_", "Problem"]
