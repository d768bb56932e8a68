"""All of FEEL's functions: the tables of the modules beside this one."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions.feel.contexts import CONTEXT_FUNCTIONS
from engine.expressions.feel.dates import DATE_FUNCTIONS
from engine.expressions.feel.lists import LIST_FUNCTIONS
from engine.expressions.feel.numbers import NUMBER_FUNCTIONS
from engine.expressions.feel.ranges import RANGE_FUNCTIONS
from engine.expressions.feel.signature import Function
from engine.expressions.feel.text import TEXT_FUNCTIONS

FUNCTIONS: Mapping[str, Function] = {
    **TEXT_FUNCTIONS,
    **NUMBER_FUNCTIONS,
    **LIST_FUNCTIONS,
    **DATE_FUNCTIONS,
    **RANGE_FUNCTIONS,
    **CONTEXT_FUNCTIONS,
}
