"""Owns passwords as people choose them: what one may be, and changing one's own."""

from __future__ import annotations

from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.errors import Invalid
from tickets.organising import lockout, sessions
from tickets.organising.common_passwords import is_common
from tickets.organising.signing_in import WrongPassword, confirm
from tickets.passwords import hash_password
from tickets.people import Person
from tickets.runtime import Runtime


def check_password(password: str, *, login: str, name: str) -> None:
    """Raises Invalid for a password that somebody who knows the person would try. Its length is `hash_password`'s."""
    text = password.casefold()
    if is_common(password):
        raise Invalid(Message(N_("Everybody tries this password first; think of another, such as three odd words.")))
    if any(own and own in text and len(text) - len(own) < 5 for own in (login.casefold(), name.casefold())):
        raise Invalid(Message(N_("The password is hardly more than the login or the name; think of another.")))


def change_own_password(runtime: Runtime, actor: Actor, *, session_id: int | None, old: str, new: str) -> None:
    """Choose another password; one's sessions elsewhere end. Raises Invalid: the old one is wrong, the new one weak."""
    check_password(new, login=actor.login, name=actor.name)
    hashed = hash_password(new)
    try:
        confirm(runtime, actor.login, old)
    except WrongPassword:
        raise Invalid(Message(N_("The present password is not right; type it again."))) from None
    if old == new:
        raise Invalid(Message(N_("That is the password you have now; choose another.")))
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        person = session.get_one(Person, actor.person_id, with_for_update=True)
        person.password_hash, person.must_change_password = hashed, False
        lockout.forgive(session, person.login)
        sessions.end_all(session, person.id, now=now, but=session_id)
        audit.record(session, actor, "person.password_changed", person.login, brand_id=person.brand_id, at=now)
