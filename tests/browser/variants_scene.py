"""A standard with two variants on the scene: one that holds, and one that a new version of the standard has lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tests.engine import build
from tests.tickets.play import files, staff
from tickets.types import TicketType

if TYPE_CHECKING:
    from tests.browser.scene import Scene

KEY = "opening_day"


def vary(scene: Scene) -> None:
    """`at` knows the standard's page and those of both variants."""
    place = scene.cast.places
    for upload, brand in (
        (opening_day(), "qiming"),
        (opening_day("flowers"), "qinghe"),
        (opening_day(signed=True), "qiming"),
        (opening_day("music", signed=True), "kapok"),
    ):
        made = scene.play.upload(upload, brand_id=place[brand])
        assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]
    with scene.cast.runtime.reading() as session:
        query = sa.select(TicketType.brand_id, TicketType.public_id).where(TicketType.key == KEY)
        pages = {row[0]: f"/types/{row[1]}" for row in session.execute(query)}
    scene.at |= {
        "standard with variants": pages[place["qiming"]],
        "variant that was lost": pages[place["qinghe"]],
        "variant that holds": pages[place["kapok"]],
    }


def opening_day(local: str = "", *, signed: bool = False) -> dict[str, bytes]:
    """A welcome, what a brand adds before it, and from the second version on a signature."""
    inner = [staff(local, name=local)] if local else []
    last = ["sign"] if signed else []
    point = build.settings(extension__point="Local preparation", name__en="Local preparation")
    return files(
        build.start(),
        build.sub("prepare", point, build.start("local"), *inner, build.end("ready"),
                  build.chain("local", *([local] if local else []), "ready")),
        staff("welcome", build.settings(standardStep="welcome", deadline="P1D"), name="欢迎新同学"),
        *(staff(each, build.settings(standardStep="sign", deadline="P2D"), name="家长签到") for each in last),
        build.end(),
        build.chain("begin", "prepare", "welcome", *last, "done"),
        key=KEY,
        standard="class",
        name__en="Opening day",
        name__zh="开课第一天",
    )  # fmt: skip
