"""Departure: what somebody leaves behind, who takes it over, and putting it back while that is possible."""

from tickets.departing.begin import JOB, UNDO_JOB, depart, press_on
from tickets.departing.running import run
from tickets.departing.undo import run_back, undo, undo_latest

__all__ = ["JOB", "UNDO_JOB", "depart", "press_on", "run", "run_back", "undo", "undo_latest"]
