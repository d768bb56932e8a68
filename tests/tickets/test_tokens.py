"""API tokens."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.cast import Cast
from tickets.access import Actor
from tickets.audit import AuditEntry
from tickets.departing import depart
from tickets.departing.plan import Wish
from tickets.errors import Invalid, NotFound
from tickets.people import Person
from tickets.tokens import ApiToken, holder_of_token, issue_token, person_of, revoke_token


def issue(cast: Cast, login: str, *, lifetime: timedelta | None = timedelta(days=1), name: str = "CRM") -> str:
    with cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, cast.people[login])
        return issue_token(session, person, name, now=cast.clock.now(), lifetime=lifetime, actor=cast.admin)


def opens(cast: Cast, text: str) -> str | None:
    with cast.runtime.reading() as session:
        actor = acting(session, cast, text)
    return actor.login if actor else None


def acting(session: Session, cast: Cast, text: str) -> Actor | None:
    holder = holder_of_token(session, text, cast.clock.now())
    return person_of(session, holder) if holder is not None else None


def newest(cast: Cast) -> UUID:
    with cast.runtime.reading() as session:
        return session.scalars(sa.select(ApiToken.public_id).order_by(ApiToken.id.desc()).limit(1)).one()


def revoke(cast: Cast, actor: Actor, public_id: UUID) -> None:
    with cast.runtime.writing() as session, session.begin():
        revoke_token(session, actor, public_id, now=cast.clock.now())


def test_a_token_acts_as_its_person_and_only_its_digest_is_kept(cast: Cast) -> None:
    text = issue(cast, "lina")
    assert text.startswith("gdt_")
    with cast.runtime.reading() as session:
        actor = acting(session, cast, text)
        assert actor
        assert (actor.login, actor.via) == ("lina", "api")
        token = session.scalars(sa.select(ApiToken)).one()
        assert text not in {token.digest, token.name}
        assert session.scalars(sa.select(AuditEntry.action)).all() == ["token.issued"]
    assert issue(cast, "lina") != text


def test_a_token_ends_with_its_time_its_revocation_or_its_person(cast: Cast) -> None:
    short, endless, third = issue(cast, "lina"), issue(cast, "wanglei", lifetime=None), issue(cast, "sunyue")
    revoke(cast, cast.admin, newest(cast))
    assert opens(cast, third) is None
    cast.clock.advance(timedelta(days=1))
    assert opens(cast, short) is None
    assert opens(cast, endless) == "wanglei"
    depart(cast.runtime, cast.admin, cast.wanglei.public_id, Wish())
    assert opens(cast, endless) is None


def test_nothing_else_is_a_token(cast: Cast) -> None:
    text = issue(cast, "lina")
    for wrong in ("", "gdt_", text[:-1], f"{text}x", text.upper(), f" {text}", "gdt_" + "é" * 43, "gdt_" + "\0" * 43):
        assert opens(cast, wrong) is None


def test_a_token_is_revoked_by_its_person_or_by_who_manages_people(cast: Cast) -> None:
    issue(cast, "lina")
    with pytest.raises(NotFound):
        revoke(cast, cast.wanglei, newest(cast))
    with pytest.raises(NotFound):
        revoke(cast, cast.admin, uuid4())
    revoke(cast, cast.lina, newest(cast))
    revoke(cast, cast.admin, newest(cast))
    with cast.runtime.reading() as session:
        assert session.scalars(sa.select(AuditEntry.action)).all() == ["token.issued", "token.revoked"]


def test_a_token_s_name_must_be_readable(cast: Cast) -> None:
    for name in ("", " ", "x" * 101, "a\0"):
        with pytest.raises(Invalid):
            issue(cast, "lina", name=name)
