"""The page of operations: who sees it, what it shows, and that what is done there is done and written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.jobs import enqueue
from engine.models import Incident, Job, JobStatus, Timer
from tests.web.site import Page, Site
from tickets.audit import AuditEntry
from tickets.operating.pulse import Heart, Pulse
from tickets.permissions import Permission
from tickets.roles import Role

PATH = "/system/operations"
STOPS = (
    '<startEvent id="begin"/>',
    '<userTask id="look" name="看看"/>',
    '<exclusiveGateway id="which" name="哪边"/>',
    '<endEvent id="end"/>',
    '<sequenceFlow id="f1" sourceRef="begin" targetRef="look"/>',
    '<sequenceFlow id="f2" sourceRef="look" targetRef="which"/>',
    '<sequenceFlow id="f3" sourceRef="which" targetRef="end"/>',
)


def job(site: Site, status: JobStatus, error: str = "") -> int:
    """A job of this status; its id."""
    with site.play.writing() as session, session.begin():
        enqueue(session, "service", {"ref": "secret-ref"}, run_at=site.cast.clock.now(), key=f"{status}:{error}")
        found = session.scalars(sa.select(Job).order_by(Job.id.desc())).first()
        assert found is not None
        found.status, found.last_error, found.attempts = status, error, 10
        return found.id


def audited(site: Site) -> list[str]:
    with site.cast.runtime.reading() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def page(site: Site, query: str = "") -> Page:
    answer = site.browser("admin").get(PATH + query)
    assert answer.status == 200, answer.text[:2000]
    return answer


def status_of(site: Site, job_id: int) -> str:
    with site.cast.runtime.reading() as session:
        return session.get_one(Job, job_id).status


@pytest.mark.parametrize("login", ["zhoulan", "lina", "zhangwei", "guohao", "chenxiao", "hejing"])
def test_only_who_runs_the_whole_group_sees_it(site: Site, login: str) -> None:
    visitor = site.browser(login)
    assert visitor.get(PATH).status == 403
    assert PATH not in visitor.get("/me").text
    failed = job(site, JobStatus.FAILED)
    assert visitor.post(f"{PATH}/jobs/{failed}/retry").status == 403
    assert visitor.post(f"{PATH}/jobs/{failed}/cancellation").status == 403
    assert status_of(site, failed) == JobStatus.FAILED


def test_the_permission_within_a_brand_is_not_enough(site: Site) -> None:
    """Jobs and processes belong to no brand."""
    with site.play.writing() as session, session.begin():
        role = session.scalars(sa.select(Role).where(Role.key == "brand_administrator")).one()
        role.permissions = [*role.permissions, Permission.RUN]
    guohao = site.browser("guohao")
    assert guohao.get(PATH).status == 403
    assert PATH not in guohao.get("/me").text


def test_when_all_is_well_the_page_says_so(site: Site) -> None:
    site.browser("admin").post("/preferences", {"language": "en"})
    words = " ".join(page(site).words("#main"))
    for said in ("No process runs timers", "Every process goes on", "No job was given up"):
        assert said in words
    assert page(site).tree.cssselect(f"nav a[href='{PATH}'][aria-current=page]")


def test_a_process_that_fell_silent_is_told_from_one_that_lives(site: Site) -> None:
    dead, alive = Heart("worker"), Heart("web")
    dead.beat(site.cast.runtime)
    site.cast.clock.advance(timedelta(minutes=2))
    alive.beat(site.cast.runtime)
    shown = page(site)
    chips = shown.words("section:has(#processes) .gd-chip")
    assert len(chips) == len(set(chips)) == 2
    on_a_phone = shown.words("section:has(#processes) td .d-md-none")
    assert on_a_phone == shown.words("section:has(#processes) th:nth-child(n + 4)") * 2
    alive.stop(site.cast.runtime)
    with site.cast.runtime.reading() as session:
        assert session.scalars(sa.select(Pulse.kind)).all() == ["worker"]


def test_a_job_that_was_given_up_shows_its_error_and_not_what_it_was_given(site: Site) -> None:
    job(site, JobStatus.FAILED, "ValueError('no such place')")
    shown = page(site)
    assert "no such place" in shown.text
    assert "secret-ref" not in shown.text
    assert "service" in " ".join(shown.words("section:has(#jobs)"))


def test_a_job_is_done_again_and_that_is_written_down(site: Site) -> None:
    failed = job(site, JobStatus.FAILED, "boom")
    admin = site.browser("admin")
    answer = admin.post(f"{PATH}/jobs/{failed}/retry", {"state": "failed"})
    assert (answer.status, answer.location) == (303, f"{PATH}?state=failed")
    assert status_of(site, failed) == JobStatus.QUEUED
    assert audited(site)[-1:] == ["job.retried"]


def test_a_job_that_waits_is_cancelled_once(site: Site) -> None:
    waits = job(site, JobStatus.QUEUED)
    admin = site.browser("admin")
    assert admin.post(f"{PATH}/jobs/{waits}/cancellation").status == 303
    assert status_of(site, waits) == JobStatus.CANCELLED
    assert admin.post(f"{PATH}/jobs/{waits}/cancellation").status == 409
    assert audited(site).count("job.cancelled") == 1


def test_many_jobs_come_a_page_at_a_time(site: Site) -> None:
    ids = [job(site, JobStatus.FAILED, f"error {number}") for number in range(45)]
    seen: list[str] = []
    shown = page(site)
    for _ in range(2):
        seen += shown.words("section:has(#jobs) tbody .gd-no")
        shown = page(
            site, shown.value("section:has(#jobs) .card-footer .gd-push", "href").partition("#")[0].removeprefix(PATH)
        )
    seen += shown.words("section:has(#jobs) tbody .gd-no")
    assert [int(number) for number in seen] == ids[::-1]


@pytest.fixture
def stopped(site: Site) -> str:
    """A ticket whose process stopped; its number."""
    site.play.define(*STOPS, candidateGroups="support")
    number = site.play.file("zhoulan")
    with site.play.writing() as session, session.begin():
        ticket = site.play.ticket(number)
        facts = {"element": "which", "reason": "No way on.", "kind": "complete", "payload": {"ref": "x", "values": {}}}
        where = {"brand_id": ticket.brand_id, "instance_id": ticket.instance_id}
        session.add(Incident(**facts, **where, params={}, opened_at=site.cast.clock.now()))
    return number


def test_a_stopped_process_is_shown_and_set_aside(site: Site, stopped: str) -> None:
    shown = page(site)
    assert any(f"{stopped} · 哪边" in words for words in shown.words("section:has(#stopped) td"))
    action = shown.value("section:has(#stopped) .btn-quiet", "formaction")
    meaning = shown.value("section:has(#stopped) .btn-quiet", "aria-describedby")
    assert shown.words(f"section:has(#stopped) #{meaning}")
    admin = site.browser("admin")
    assert admin.post(action).status == 303
    assert not site.play.incidents(stopped)
    assert admin.post(action).status == 409
    aside = page(site)
    assert any(stopped in words for words in aside.words("section:has(#aside) td"))
    assert aside.value("section:has(#aside) .btn", "formaction").endswith("/retry")
    assert not aside.tree.cssselect("section:has(#stopped) td, section:has(#aside) .btn-quiet")
    assert audited(site).count("incident.dismissed") == 1


def test_a_stopped_process_that_cannot_be_tried_again_says_so(site: Site, stopped: str) -> None:
    action = page(site).value("section:has(#stopped) .btn:not(.btn-quiet)", "formaction")
    assert site.browser("admin").post(action).status in (303, 409)


def test_a_late_timer_is_listed_with_its_ticket(site: Site, stopped: str) -> None:
    with site.play.writing() as session, session.begin():
        ticket, due = site.play.ticket(stopped), site.cast.clock.now() - timedelta(minutes=5)
        session.add(
            Timer(brand_id=ticket.brand_id, instance_id=ticket.instance_id, ref="t", element="wait", due_at=due)
        )
    assert any(stopped in words for words in page(site).words("section:has(#late) td"))


def test_whatever_the_address_says_there_is_a_page(site: Site) -> None:
    for query in ("?state=none", "?after=x", "?after=-1", "?after=" + "9" * 40, "?state=done&after=1", "?after=²"):
        page(site, query)
