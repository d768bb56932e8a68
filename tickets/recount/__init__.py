"""Owns the recount: tasks, timers, status, counts are derived anew from state and history, and compared with rows."""
