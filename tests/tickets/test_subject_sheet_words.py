"""A file of subjects in the words of the pages: its columns, the facts of classes, places and people by their names."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.tickets.test_subject_import import bring, kept, problems
from tickets.errors import Invalid
from tickets.people import Person
from tickets.places import Place

CHINESE = """种类,编号,名称,地点,负责人,开课日期,结束日期,阶段日期,学生,课表
班级,C-1,周六上午,深圳南山校区,周岚,2026/12/5,2027年3月27日,"第一阶段 2027-01-09
结业：2027/3/20",林小满、安然，春生,周六
"""
ENGLISH = """Kind,Number,Name,Place,Responsible,Start date,End date,Stage dates,Students,Timetable
Class,C-1,周六上午,sz-nanshan,周岚 (zhoulan),2026-12-05,2027-03-27,"第一阶段 2027-01-09, 结业 2027-03-20",\
"林小满,安然,春生",周六
"""
KEPT = {
    "start_date": "2026-12-05",
    "end_date": "2027-03-27",
    "stages": [{"name": "第一阶段", "date": "2027-01-09"}, {"name": "结业", "date": "2027-03-20"}],
    "students": ["林小满", "安然", "春生"],
    "timetable": "周六",
}


@pytest.mark.parametrize("text", [CHINESE, ENGLISH, CHINESE.replace("开课日期", "属性.start_date")])
def test_a_class_is_imported_as_the_pages_show_it(cast: Cast, text: str) -> None:
    assert bring(cast, text).created == 1
    found = kept(cast)["C-1"]
    assert found.attributes == KEPT
    assert (found.responsible_id, found.place_id) == (cast.zhoulan.person_id, cast.places["sz-nanshan"])
    assert bring(cast, text).changed == 0


def test_the_students_of_a_class_may_be_but_counted(cast: Cast) -> None:
    bring(cast, "种类,编号,名称,地点,学生,阶段日期\n班级,C-1,周六,深圳南山校区,12,\n")
    assert kept(cast)["C-1"].attributes == {"students": 12}


def test_days_and_stages_that_can_not_be_read_are_reported_at_their_cells(cast: Cast) -> None:
    head = "种类,编号,名称,地点,开课日期,阶段日期\n"
    report = bring(cast, f"{head}班级,C-1,甲,深圳南山校区,下周,\n班级,C-2,乙,深圳南山校区,2027-02-30,结业\n")
    assert problems(report) == [(2, "开课日期"), (3, "开课日期"), (3, "阶段日期")]
    assert kept(cast) == {}


def test_a_fact_named_in_two_ways_is_there_twice(cast: Cast) -> None:
    with pytest.raises(Invalid):
        bring(cast, "种类,编号,名称,地点,开课日期,属性.start_date\n班级,C-1,甲,深圳南山校区,2026-12-05,2026-12-06\n")


def test_names_that_nobody_has_or_several_have_are_reported(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        twin = session.get_one(Person, cast.lina.person_id)
        twin.name = session.get_one(Person, cast.zhoulan.person_id).name
        session.get_one(Place, cast.places["gz-tianhe"]).name = "深圳南山校区"
    head = "种类,编号,名称,地点,负责人\n"
    wrong = "班级,C-1,甲,没有这里,\n班级,C-2,乙,sz-nanshan,没有此人\n"
    assert problems(bring(cast, head + wrong)) == [(2, "地点"), (3, "负责人")]
    assert bring(cast, f"{head}班级,C-1,甲,深圳南山校区,刘涛\n").accepted, "of the two 赵敏 keeps subjects at one"
    assert problems(bring(cast, f"{head}班级,C-2,甲,深圳南山校区,周岚\n")) == [(2, "负责人")]
