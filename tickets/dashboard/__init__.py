"""The dashboard's numbers: counted at once for all that one sees, each with the list that it is the length of."""

from tickets.dashboard.board import Dashboard, dashboard
from tickets.dashboard.figures import Figure, Figures, Measure
from tickets.dashboard.places import PlaceLine
from tickets.dashboard.promises import ServiceLine
from tickets.dashboard.team import PersonLine
from tickets.dashboard.trend import Day

__all__ = ["Dashboard", "Day", "Figure", "Figures", "Measure", "PersonLine", "PlaceLine", "ServiceLine", "dashboard"]
