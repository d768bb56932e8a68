"""Owns the tour's end: what was seen on the way, and whom to go on as, each for something that the tour left out."""

from __future__ import annotations

from dataclasses import dataclass

from engine.expressions import N_


@dataclass(frozen=True, slots=True)
class Onward:
    """One way on: who has it to show, on which page; `text` and `button` are msgids."""

    login: str
    text: str
    button: str
    path: str


SEEN: tuple[str, ...] = (
    N_("The teacher said once what a developer needs, and always saw where her ticket is, never a diagram."),
    N_("Whoever accepts a ticket answers for it to the end, and is the only one who writes to the requester."),
    N_("The developer had one task with its form; his notes stay among colleagues."),
    N_("An urge reaches whoever answers; it wants a reason and a time, or it climbs to their superior."),
    N_("The requester has the last word: solved, or what is still wrong; silence closes it after three days."),
    N_("Which step follows which stands in a drawing: a BPMN file that the engine runs as it is."),
    N_("Headquarters sees which promises were kept, and which campus did which step of a standard."),
)
"""What the main job shows, in the order of the tour."""

ONWARDS: tuple[Onward, ...] = (
    Onward(
        "hejing",
        N_("Upload a BPMN file, have it checked and walked through, and publish it as a ticket type."),
        N_("Publish a process"),
        "/types/new",
    ),
    Onward(
        "hejing",
        N_("See the process of the crash report: its drawing, its forms, and what is set on it."),
        N_("Look at the drawing"),
        "/types",
    ),
    Onward(
        "zhoulan",
        N_("A standard has begun by itself for her class: do a step, with the evidence that it asks for."),
        N_("Do a standard step"),
        "/inbox",
    ),
    Onward(
        "chenxiao",
        N_("Draw spot checks among what was done, and decide on waivers."),
        N_("Check the standards"),
        "/standards/checks",
    ),
    Onward(
        "tangyan", N_("Give what nobody has taken to somebody who has room, many at once."), N_("Dispatch"), "/dispatch"
    ),
    Onward(
        "guohao",
        N_("Take people on, hand a leaver's tickets over, connect another system."),
        N_("Look after a brand"),
        "/system/people",
    ),
    Onward(
        "guohao",
        N_("Take the group's standard, add a step where room was left for brands, and publish it as his brand's own."),
        N_("Extend a standard"),
        "/types",
    ),
)
