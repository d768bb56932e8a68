"""Variants: a brand adds where headquarters left room, and never past a mandatory step; who is told of a lost one."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.expressions import Problem
from engine.models import ProcessDefinition
from tests.engine.build import (
    boundary,
    call,
    chain,
    document,
    end,
    error,
    escalation,
    flow,
    settings,
    start,
    sub,
    terminate,
    timer,
    user,
    whole,
    xor,
)
from tests.tickets.play import Play, files, form, staff
from tickets.access import Actor, visible_types
from tickets.audit import AuditEntry
from tickets.catalogue import type_list
from tickets.deploying import Deployed
from tickets.errors import Conflict
from tickets.people import Person
from tickets.publishing_again import publish_again
from tickets.staff import grant_role
from tickets.standards.variants.publishing import Held, standard_of, variants_of
from tickets.standards.variants.ways import in_words
from tickets.types import TicketType
from tickets.versions import DeployedType

PHOTO: dict[str, Any] = {
    "type": "filepicker",
    "key": "photos",
    "label": "Photos",
    "multiple": True,
    "validate": {"required": True},
    "properties": {"evidence": "photo", "min": "2"},
}


@pytest.fixture
def play(play: Play) -> Play:
    """Zhou Lan may publish for her brand, 青禾英语."""
    with play.writing() as session, session.begin():
        person = session.get_one(Person, play.cast.people["zhoulan"])
        grant_role(session, person, role_id=play.cast.roles["designer"], place_id=play.cast.places["qinghe"])
    return play


def opening(
    inner: tuple[str, ...] = (start("local"), end("local_done"), flow("local", "local_done")),
    *more: str,
    step: str = "",
    photos: tuple[dict[str, Any], ...] = (PHOTO,),
    after: str = "photo",
    kind: str = "class",
    **said: str,
) -> dict[str, bytes]:
    """The standard “opening”: a local preparation, which brands may fill, a photo, a talk; and what differs from it."""
    photo = {"standardStep": "photo", "deadline": "P2D", "evidence": "photo:2", **said}
    return files(
        start(),
        sub("prepare", settings(extension__point="Local preparation"), *inner),
        step or user("photo", settings(**photo), camunda__formRef="photos", camunda__candidateGroups="support"),
        staff("talk", settings(standardStep="talk", mandatory="false")),
        end(),
        chain("begin", "prepare", "photo"),
        chain(after, "talk", "done"),
        *more,
        key="opening",
        forms={"photos": list(photos)},
        standard=kind,
    )  # fmt: skip


LOCAL = (start("local"), staff("flowers"), end("local_done"), chain("local", "flowers", "local_done"))


def by_brand(play: Play, upload: dict[str, bytes]) -> Deployed:
    return play.upload(upload, by=play.cast.zhoulan)


def codes(found: Deployed) -> list[str]:
    return [problem.code for problem in found.report.problems if problem.level == "error"]


def only(found: Deployed) -> Problem:
    errors = [problem for problem in found.report.problems if problem.level == "error"]
    assert len(errors) == 1, [str(problem.problem) for problem in errors]
    return errors[0]


def names(problem: Problem) -> list[str]:
    return [ident for ident, _ in problem.path]


def variants(play: Play, actor: Actor) -> list[Held]:
    with play.runtime.reading() as session:
        kind = session.scalars(
            sa.select(TicketType).where(TicketType.key == "opening", TicketType.brand_id == play.cast.places["qiming"])
        ).one()
        return variants_of(session, kind, visible_types(actor))


def test_a_standard_without_a_way_round_is_published_without_a_word_of_it(play: Play) -> None:
    made = play.upload(opening())
    assert made.report.accepted
    assert [each for each in made.report.problems if each.code == "step-avoidable"] == []


def test_a_variant_that_extends_is_accepted_and_starts_for_its_brand(play: Play) -> None:
    play.upload(opening())
    made = by_brand(play, opening(LOCAL))
    assert (codes(made), made.types[0].version) == ([], 1)
    assert play.file("zhoulan", "opening")
    assert play.open_tasks() == ["flowers"]
    play.file("huangyi", "opening")
    assert play.open_tasks() == ["photo"], "another brand has the group's"


def test_a_variant_that_ends_by_an_error_is_refused_with_the_way(play: Play) -> None:
    play.upload(opening())
    inner = (
        start("local"), staff("ask"), xor("enough", default="on"), end("stop", error("e_bad")), end("local_done"),
        chain("local", "ask", "enough"), flow("enough", "stop", "enough == 'no'"),
        flow("enough", "local_done", ident="on"),
    )  # fmt: skip
    problem = only(by_brand(play, opening(inner)))
    assert (problem.code, problem.element, problem.file) == ("variant-avoids-step", "photo", "opening.bpmn")
    assert names(problem) == ["begin", "prepare", "local", "ask", "enough", "stop"]
    assert "begin → prepare → local → ask → enough → stop" in str(problem.problem), "nothing of it has a name"
    assert problem.line > 1
    assert str(problem.remedy)


def test_what_has_a_name_tells_a_way_in_words() -> None:
    assert in_words([("a", "Begin"), ("gateway", ""), ("q/b", " Call\noff ")]) == "Begin → Call off"
    assert in_words([("q/a", ""), ("b", "")]) == "a → b"


def test_a_refused_way_is_not_warned_of_as_well(play: Play) -> None:
    play.upload(opening())
    inner = (start("local"), end("stop", error("e_bad")), flow("local", "stop"))
    told = [each.code for each in by_brand(play, opening(inner)).report.problems if each.path]
    assert told == ["variant-avoids-step"]


def test_a_refused_way_past_several_steps_is_one_problem(play: Play) -> None:
    sign = (staff("sign", settings(standardStep="sign")), flow("photo", "sign"))
    plain = (start("local"), end("local_done"), flow("local", "local_done"))
    play.upload(opening(plain, *sign, after="sign"))
    inner = (start("local"), end("stop", error("e_bad")), flow("local", "stop"))
    found = by_brand(play, opening(inner, *sign, after="sign"))
    (told,) = [each for each in found.report.problems if each.path]
    assert told.code == "variant-avoids-step"
    assert "photo, sign" in str(told.problem)


def test_a_terminate_end_inside_the_point_ends_only_the_point(play: Play) -> None:
    play.upload(opening())
    inner = (start("local"), staff("flowers"), end("stop", terminate()), chain("local", "flowers", "stop"))
    assert codes(by_brand(play, opening(inner))) == []


def test_one_change_outside_a_point_is_one_problem(play: Play) -> None:
    play.upload(opening())
    past = (xor("skip", default="no"), flow("photo", "skip"), flow("skip", "talk", ident="no"))
    found = by_brand(play, opening(LOCAL, *past, flow("skip", "done", "tired == 'yes'"), after="skip"))
    assert (codes(found), only(found).element) == (["variant-added"], "skip"), "its flows go with it"
    assert not found.types
    beside = by_brand(play, opening(LOCAL, flow("begin", "talk", "tired == 'yes'")))
    assert codes(beside) == ["variant-flow"], "the talk twice, the photo still: no way round, yet no extension point"
    both = opening(LOCAL, *past, flow("skip", "done", "tired == 'yes'"), flow("begin", "talk", "tired"), after="skip")
    assert sorted(codes(by_brand(play, both))) == ["variant-added", "variant-flow"], "two causes are two problems"


def led(*flows: str) -> dict[str, bytes]:
    """A task, another, and two ends, with these flows."""
    parts = (start(), staff("first", settings(standardStep="first")), staff("second"), end(), end("other"))
    return files(*parts, *flows, key="opening", standard="class")


def test_a_flow_that_leads_elsewhere_is_one_problem(play: Play) -> None:
    both = chain("begin", "first"), flow("second", "other")
    play.upload(led(*both, flow("first", "second"), flow("first", "done")))
    moved = only(by_brand(play, led(*both, flow("first", "second"), flow("first", "other"))))
    assert moved.problem.params == {"source": "first", "target": "other", "was": "done"}
    under = led(*both, flow("first", "second", "late == 'yes'"), flow("first", "done"))
    assert "first" in str(only(by_brand(play, under)).problem)


def test_one_way_past_several_steps_is_one_problem_that_names_them(play: Play) -> None:
    steps = tuple(staff(each, settings(standardStep=each), name=each) for each in ("a", "b", "c"))
    straight = chain("begin", "a", "b", "c", "done")
    play.upload(files(start(), *steps, end(), straight, key="opening", standard="class"))
    past = (xor("skip", default="on"), flow("begin", "skip"), flow("skip", "a", ident="on"))
    rest = (chain("a", "b", "c", "done"), flow("skip", "done", "tired == 'yes'"))
    problem = only(by_brand(play, files(start(), *steps, end(), *past, *rest, key="opening", standard="class")))
    assert problem.code == "variant-avoids-step"
    assert problem.problem.params["step"] == ("a", "b", "c")
    assert names(problem) == ["begin", "skip", "done"]


@pytest.mark.parametrize(
    "more",
    [
        (boundary("late", "photo", timer("after", "P1D")), flow("late", "talk")),
        (boundary("late", "prepare", timer("after", "P1D")), flow("late", "talk")),
    ],
)
def test_an_event_that_leaves_the_step_is_refused(play: Play, more: tuple[str, ...]) -> None:
    play.upload(opening())
    problem = only(by_brand(play, opening(LOCAL, *more)))
    assert problem.code == "variant-avoids-step"
    assert "late" in names(problem), "what was added for it is on its way, and not told again"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"mandatory": "false"}, "variant-step-less"),
        ({"deadline": "P3D"}, "variant-step-less"),
        ({"deadline": "P1M"}, "variant-step-less"),
        ({"deadline": ""}, "variant-step-less"),
        ({"evidence": "photo:1"}, "variant-step-less"),
        ({"photos": ({**PHOTO, "validate": {}},)}, "variant-step-less"),
        ({"photos": ({**PHOTO, "properties": {"evidence": "photo"}},), "evidence": "photo"}, "variant-step-less"),
        ({"standardStep": "picture"}, "variant-step-missing"),
        ({"kind": "student"}, "variant-kind"),
    ],
)  # fmt: skip
def test_a_variant_that_asks_for_less_is_refused(play: Play, changed: dict[str, Any], code: str) -> None:
    play.upload(opening())
    assert code in codes(by_brand(play, opening(LOCAL, **changed)))


@pytest.mark.parametrize(
    "changed",
    [{"deadline": "P1D"}, {"deadline": "PT30H"}, {"evidence": "photo:3 confirmation"}, {"name__en": "Picture"}],
)
def test_a_variant_that_asks_for_more_is_accepted(play: Play, changed: dict[str, Any]) -> None:
    play.upload(opening())
    photos = ({**PHOTO, "properties": {"evidence": "photo", "min": "3"}}, {"type": "textfield", "key": "note"})
    assert codes(by_brand(play, opening(LOCAL, photos=photos, **changed))) == []


def newer() -> dict[str, bytes]:
    """What the standard became: four steps more after the photo."""
    four = ("a", "b", "c", "d")
    steps = tuple(staff(each, settings(standardStep=each)) for each in four)
    plain = (start("local"), end("local_done"), flow("local", "local_done"))
    return opening(plain, *steps, chain("photo", *four), after="d")


def test_a_variant_of_an_older_version_is_told_that_and_not_all_that_changed(play: Play) -> None:
    play.upload(opening())
    play.upload(newer())
    found = by_brand(play, opening(LOCAL))
    problem = only(found)
    assert (problem.code, problem.element, problem.file) == ("variant-behind", "opening", "opening.bpmn")
    assert str(problem.problem) == "This looks drawn from version 1 of the group's standard; version 2 is live."
    assert "Begin from the files of version 2" in str(problem.remedy)
    assert not found.types


def test_what_is_wrong_with_a_variant_of_an_older_version_itself_is_told_as_well(play: Play) -> None:
    play.upload(opening())
    play.upload(newer())
    assert codes(by_brand(play, opening(LOCAL, deadline="P3D"))) == ["variant-behind", "variant-step-less"]


def test_the_few_changes_since_an_older_version_are_told_one_by_one(play: Play) -> None:
    play.upload(opening(deadline="P3D"))
    play.upload(opening())
    assert codes(by_brand(play, opening(LOCAL, deadline="P3D"))) == ["variant-behind", "variant-step-less"]
    assert codes(by_brand(play, opening(LOCAL, deadline="P4D"))) == ["variant-step-less"], "of neither version"


def test_a_step_that_became_something_else_is_told(play: Play) -> None:
    play.upload(opening())
    step = sub("photo", start("b"), end("e"), flow("b", "e"))
    assert only(by_brand(play, opening(LOCAL, step=step))).code == "variant-step-missing"


def test_headquarters_is_warned_of_its_own_ways_round_unless_it_waives_them(play: Play) -> None:
    def late(waived: str = "") -> tuple[str, ...]:
        marks = settings(waived=waived) if waived else ""
        return boundary("late", "photo", marks + timer("after", "P1D")), end("gone"), flow("late", "gone")

    made = play.upload(opening(LOCAL, *late()))
    (warned,) = [each for each in made.report.problems if each.code == "step-avoidable"]
    assert made.report.accepted
    assert names(warned)[-3:] == ["photo", "late", "gone"]
    waived = play.upload(opening(LOCAL, *late("the class is cancelled")))
    assert [each for each in waived.report.problems if each.code == "step-avoidable"] == []
    assert codes(by_brand(play, opening((*LOCAL,), *late()))) == [], "the group's own way stays allowed"


def test_a_brand_cannot_waive_what_headquarters_does_not(play: Play) -> None:
    play.upload(opening())
    inner = (start("local"), end("stop", settings(waived="we may") + error("e_bad")), flow("local", "stop"))
    assert codes(by_brand(play, opening(inner))) == ["variant-avoids-step"]


def test_a_mark_where_it_does_not_count_is_told(play: Play) -> None:
    made = play.upload(files(start(), staff("a", settings(waived="x")), end(), chain("begin", "a", "done"), key="odd"))
    assert "waived-misplaced" in [each.code for each in made.report.problems]


def test_an_escalation_that_leaves_is_refused(play: Play) -> None:
    caught = (boundary("up", "prepare", escalation("x_up")), flow("up", "talk"))
    play.upload(opening(LOCAL, *caught))
    inner = (start("local"), end("raise", escalation("x_up")), flow("local", "raise"))
    problem = only(by_brand(play, opening(inner, *caught)))
    assert names(problem) == ["begin", "prepare", "local", "raise", "up", "talk", "done"]


def calling(called: str = "house_rules", inner: tuple[str, ...] = LOCAL) -> dict[str, bytes]:
    outer = whole(
        start(), call("prepare", called, settings(extension__point="true")),
        user("photo", settings(standardStep="photo"), camunda__candidateGroups="support"), end(),
        chain("begin", "prepare", "photo", "done"), process="opening", settings=settings(standard="class"),
    )  # fmt: skip
    events = '<error id="e_bad" errorCode="bad" />'
    other = whole(*inner, process=called)
    return {
        "opening.bpmn": document(outer, declarations=events),
        f"{called}.bpmn": document(other, declarations=events),
    }


def test_a_call_that_is_a_point_may_call_the_brands_own_process(play: Play) -> None:
    play.upload(calling())
    assert codes(by_brand(play, calling("our_rules"))) == []
    bad = (start("local"), end("stop", error("e_bad")), flow("local", "stop"))
    problem = next(iter(only(by_brand(play, calling("our_rules", bad))).path[-1:]))
    assert problem[0] == "our_rules/stop"
    assert codes(by_brand(play, calling("house_rules", bad))) == ["variant-avoids-step"]


def test_a_brands_type_of_another_key_is_its_own(play: Play) -> None:
    play.upload(opening())
    assert by_brand(play, files(start(), staff("a"), end(), chain("begin", "a", "done"), key="ours")).types


def test_a_new_standard_says_which_variants_it_loses_and_both_see_it(play: Play) -> None:
    play.upload(opening())
    by_brand(play, opening(LOCAL))
    (held,) = variants(play, play.cast.hejing)
    assert (held.live.place.name, held.live.version, list(held.problems)) == ("青禾英语", 1, [])
    added = (user("sign", settings(standardStep="sign"), camunda__candidateGroups="support"), flow("photo", "sign"))
    made = play.upload(opening((start("local"), end("local_done"), flow("local", "local_done")), *added, after="sign"))
    (lost,) = [each for each in made.report.problems if each.code == "variant-lost"]
    assert made.report.accepted
    assert "青禾英语" in str(lost.problem)
    assert "sign" in str(lost.problem)
    (held,) = variants(play, play.cast.hejing)
    assert [each.code for each in held.problems] == ["variant-step-missing"], "its task and flows go with it"
    assert play.count(AuditEntry, AuditEntry.action == "variant.lost") == 1
    own = next(row.type for row in visible(play) if row.place.name == "青禾英语")
    with play.runtime.reading() as session:
        standard = standard_of(session, own)
    assert standard is not None
    assert standard.live.version == 2
    assert standard.problems
    play.file("zhoulan", "opening")
    assert play.open_tasks() == ["flowers"], "it goes on running"


def visible(play: Play) -> Any:
    with play.runtime.reading() as session:
        return type_list(session, play.cast.zhoulan)


def test_a_variant_from_before_there_was_a_standard_is_lost_by_it(play: Play) -> None:
    by_brand(play, files(start(), staff("a"), end(), chain("begin", "a", "done"), key="opening"))
    made = play.upload(opening())
    assert "variant-lost" in [each.code for each in made.report.problems]


def test_another_brand_does_not_see_the_variant(play: Play) -> None:
    play.upload(opening())
    by_brand(play, opening(LOCAL))
    assert variants(play, play.cast.huangyi) == []


def test_the_forms_of_a_bundle_are_read_where_they_differ(play: Play) -> None:
    play.upload(opening())
    upload = opening(LOCAL)
    upload["photos.form"] = form({**PHOTO, "key": "pictures"})
    assert "variant-step-less" in codes(by_brand(play, upload))


def again(play: Play, brand: str, by: Actor, version: int) -> DeployedType:
    """Publish an older version of “opening” again, there."""
    with play.runtime.reading() as session:
        of_brand = TicketType.brand_id == play.cast.places[brand]
        kind = session.scalars(sa.select(TicketType.public_id).where(TicketType.key == "opening", of_brand)).one()
    return publish_again(play.runtime, by, kind, version, live=2)


def test_going_back_to_a_variant_that_no_longer_holds_is_refused(play: Play) -> None:
    play.upload(opening())
    by_brand(play, opening(LOCAL))
    more = staff("inspect", settings(standardStep="inspect"))
    play.upload(
        opening(
            (start("local"), end("local_done"), flow("local", "local_done")),
            more,
            chain("photo", "inspect"),
            after="inspect",
        )
    )
    assert codes(by_brand(play, opening(LOCAL, more, chain("photo", "inspect"), after="inspect"))) == []
    with pytest.raises(Conflict):
        again(play, "qinghe", play.cast.zhoulan, 1)
    assert standing_version(play, "qinghe") == 2


def test_going_back_to_a_standard_tells_the_brands_whose_variant_it_loses(play: Play) -> None:
    play.upload(opening(photos=(PHOTO | {"label": "Pictures"},), deadline="P1D"))
    play.upload(opening())
    by_brand(play, opening(LOCAL))
    assert again(play, "qiming", play.cast.hejing, 1).version == 3
    with play.runtime.reading() as session:
        lost = session.scalars(sa.select(AuditEntry.what).where(AuditEntry.action == "variant.lost")).all()
    assert lost == ["opening v1"]


def standing_version(play: Play, brand: str) -> int:
    query = sa.select(sa.func.max(ProcessDefinition.version)).where(
        ProcessDefinition.key == "opening", ProcessDefinition.brand_id == play.cast.places[brand]
    )
    with play.runtime.reading() as session:
        return session.scalars(query).one()
