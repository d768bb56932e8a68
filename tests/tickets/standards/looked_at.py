"""A standard whose steps have been looked at: a class's ticket, a spot check of what was done, a waiver asked for."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from tests.cast import Cast
from tests.tickets.play import Play
from tests.tickets.standards.campus import KICKOFF, Campus
from tickets.standards.checking.drawing import Wanted, draw
from tickets.standards.tables import CheckedStep, Occurrence, SpotCheck
from tickets.standards.waiving.asking import Wanted as Waived
from tickets.standards.waiving.deciding import Days, ask


def look_at(cast: Cast, *, key: str = "kickoff") -> dict[str, UUID | str]:
    """陈晓 has drawn what 李娜 did at two campuses; 赵敏 asks for a waiver of the rest of hers.

    Gives `check_id`, `checked_id` (a step of it, of 深圳南山's) and `waiver_id`; and by what they
    came to be: `checked_standard`, `checked_place`, `standard_ticket`.
    """
    campus = Campus(Play(cast))
    campus.define(*KICKOFF, key=key)
    standard = campus.set_up(key, at="qinghe")
    ours = campus.add_class(f"{key}-1", at="sz-nanshan")
    campus.add_class(f"{key}-2", at="gz-tianhe")
    campus.begin_due()
    for number in campus.numbers(Occurrence.standard_id == standard.id):
        campus.play.complete("lina", "prepare", number)
    today = cast.clock.now().date()
    wanted = Wanted(standard.public_id, campus.place("qinghe"), today - timedelta(days=7), today, 5, "s33d")
    check = draw(cast.runtime, cast.chenxiao, wanted)
    (number,) = campus.numbers(Occurrence.subject_id == ours)
    days = Days(today, today + timedelta(days=30))
    waiver = ask(cast.runtime, cast.zhaomin, Waived(ticket=number), days, "台风停课，校区关门两周")
    query = sa.select(CheckedStep.public_id).join(SpotCheck, SpotCheck.id == CheckedStep.check_id)
    here = query.where(SpotCheck.public_id == check, CheckedStep.place_id == cast.places["sz-nanshan"])
    with cast.runtime.reading() as session:
        step = session.scalars(here.order_by(CheckedStep.id)).first()
    assert step is not None
    around = {"checked_standard": standard.public_id, "checked_place": campus.place("qinghe")}
    return {"check_id": check, "checked_id": step, "waiver_id": waiver, "standard_ticket": number, **around}
