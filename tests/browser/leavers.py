"""People who leave in the scene: one is about to, one has, one came back with something left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickets.conversation import note
from tickets.departing import depart, undo
from tickets.departing.plan import Wish
from tickets.people import Person
from tickets.places import Place
from tickets.staff import NewPerson, add_person, grant_role

if TYPE_CHECKING:
    from tests.browser.scene import Scene


def leave(scene: Scene) -> None:
    """`at["leaving"]`, `at["left"]`, `at["came back"]`, and whom one files for: `at["for a caller"]` and its form."""
    runtime, admin = scene.cast.runtime, scene.cast.admin
    for login in ("leaving", "leaver", "returner"):
        _hire(scene, login)
        for name in (f"{login} first", f"{login} second"):
            scene.play.claim(login, "Task_Triage", scene.crash(name))
    with runtime.reading() as session:
        ids = {login: session.get_one(Person, scene.cast.people[login]).public_id for login in ("leaving", "zhoulan")}
    scene.at["leaving"] = f"/departures/new?person={ids['leaving']}"
    scene.at["for a caller"] = f"/tickets/new?for={ids['zhoulan']}"
    scene.at["form for a caller"] = f"/tickets/new/crash_report?for={ids['zhoulan']}"
    made = {login: depart(runtime, admin, login, Wish()) for login in ("leaver", "returner")}
    scene.at |= {"left": f"/departures/{made['leaver']}", "came back": f"/departures/{made['returner']}"}
    scene.play.settle()
    note(runtime, scene.cast.zhangwei, scene.at["returner first"].rpartition("/")[2], "看过了")
    undo(runtime, admin, made["returner"])
    scene.play.settle()


def _hire(scene: Scene, login: str) -> None:
    with scene.cast.runtime.writing() as session, session.begin():
        centre = session.get_one(Place, scene.cast.places["support-centre"])
        new = NewPerson(login=login, name=f"{login}同事", superior_id=scene.cast.people["zhangwei"], title="技术支持")
        person = add_person(session, centre, new, password_hash="", at=scene.cast.clock.now())
        grant_role(session, person, role_id=scene.cast.roles["support"], place_id=scene.cast.places["qiming"])
        scene.cast.people[login] = person.id
