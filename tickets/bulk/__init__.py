"""One verb on many tickets: each row by the real verb with the real permission, and what came of it row by row."""

from tickets.bulk.run import AT_ONCE, BulkOutcome, BulkRun, Chosen, Refusal, outcome_of, run_bulk
from tickets.bulk.verbs import BULK, BulkVerb, Given, offered

__all__ = [
    "AT_ONCE",
    "BULK",
    "BulkOutcome",
    "BulkRun",
    "BulkVerb",
    "Chosen",
    "Given",
    "Refusal",
    "offered",
    "outcome_of",
    "run_bulk",
]
