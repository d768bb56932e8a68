"""Passwords, logging in, and chains of superiors."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.cast import Cast
from tickets.demo import PASSWORD
from tickets.errors import Invalid
from tickets.passwords import hash_password, verify_password
from tickets.people import Person, authenticate, normal_login, superior_of, superiors


def login_of(cast: Cast, login: str, password: str) -> str | None:
    with cast.runtime.reading() as session:
        person = authenticate(session, login, password)
        return person.login if person else None


def set_superiors(cast: Cast, chain: dict[str, str | None]) -> None:
    with cast.runtime.writing() as session, session.begin():
        for below, above in chain.items():
            superior = cast.people[above] if above else None
            session.execute(sa.update(Person).where(Person.login == below).values(superior_id=superior))


def chain_of(cast: Cast, login: str) -> list[str]:
    names = {id_: name for name, id_ in cast.people.items()}
    with cast.runtime.reading() as session:
        return [names[id_] for id_ in superiors(session, cast.people[login])]


def test_people_log_in_with_their_password_whatever_the_letters_case_of_the_login(cast: Cast) -> None:
    assert login_of(cast, "lina", PASSWORD) == "lina"
    assert login_of(cast, "  LiNa ", PASSWORD) == "lina"


def test_nobody_logs_in_otherwise(cast: Cast) -> None:
    wrong = [
        ("lina", "wrong password"),
        ("lina", ""),
        ("lina", PASSWORD + "\0"),
        ("lina", PASSWORD.upper()),
        ("lina", "x" * 100_000),
        ("lina", "\ud800"),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("lina\0", PASSWORD),
        ("\ud800", PASSWORD),
        ("x" * 100_000, PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ]
    assert [login_of(cast, login, password) for login, password in wrong] == [None] * len(wrong)


def test_a_departed_person_does_not_log_in(cast: Cast) -> None:
    assert login_of(cast, "wufang", PASSWORD) is None


def test_a_person_without_a_password_does_not_log_in(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        session.execute(sa.update(Person).where(Person.login == "lina").values(password_hash=""))
    assert login_of(cast, "lina", "") is None
    assert login_of(cast, "lina", "nobody has this password") is None


def test_a_hash_is_argon2id_salted_and_verifies_only_its_password() -> None:
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first.startswith("$argon2id$")
    assert first != second
    assert verify_password(first, "correct horse")
    assert not verify_password(first, "correct horses")
    assert not verify_password("not a hash", "correct horse")


@pytest.mark.parametrize("password", ["", "short", "x" * 1025, "half \ud800 pair"])
def test_a_password_that_can_not_be_kept_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        hash_password(password)


@pytest.mark.parametrize(
    ("given", "stored"),
    [("Zhang.Wei@qm-1", "zhang.wei@qm-1"), ("a", "a"), ("", None), ("张伟", None), (".a", None), ("a b", None)],
)
def test_a_login_is_kept_in_small_letters(given: str, stored: str | None) -> None:
    assert normal_login(given) == stored


def test_superiors_are_read_from_the_nearest_up(cast: Cast) -> None:
    assert chain_of(cast, "lina") == ["zhangwei", "chenxiao"]
    assert chain_of(cast, "chenxiao") == []


def test_departed_superiors_are_passed_over(cast: Cast) -> None:
    set_superiors(cast, {"zhoulan": "wufang"})
    assert chain_of(cast, "zhoulan") == ["zhaomin", "chenxiao"]
    with cast.runtime.reading() as session:
        assert superior_of(session, cast.people["zhoulan"]) == cast.people["zhaomin"]
        assert superior_of(session, cast.people["admin"]) is None


def test_a_circle_of_superiors_ends(cast: Cast) -> None:
    set_superiors(cast, {"lina": "zhangwei", "zhangwei": "wanglei", "wanglei": "lina"})
    assert chain_of(cast, "lina") == ["zhangwei", "wanglei"]
    set_superiors(cast, {"lina": "lina"})
    assert chain_of(cast, "lina") == []
