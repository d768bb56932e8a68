"""Owns the demo: an organisation to try everything on, and what its people have done by the time one looks.

`cast` is the small organisation that tests and trials play with; `wide` is what `gongdan run --demo` shows.
"""

from __future__ import annotations

from tickets.demo.cast import PASSWORD, PEOPLE, load_demo, load_organisation, load_subjects

__all__ = ["PASSWORD", "PEOPLE", "load_demo", "load_organisation", "load_subjects"]
