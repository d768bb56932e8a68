"""Sessions that really end, the lock on guessing, passwords that may be chosen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import Cast
from tests.tickets.organising.people import audited, person, person_id
from tickets.actor import load_signed_in
from tickets.demo import PASSWORD
from tickets.departing import depart
from tickets.departing.plan import Wish
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.organising import securing
from tickets.organising.own_password import change_own_password, check_password
from tickets.organising.own_sessions import end_others, end_own
from tickets.organising.person_register import put_person
from tickets.organising.sessions import Device, Lifetime, PersonSession, digest_of, sessions_of
from tickets.organising.signing_in import Entrance, LoginLocked, WrongPassword, sign_in

HERE = Device("Mozilla/5.0 (X11; Linux) Firefox/130.0", "10.0.0.9")
LIFETIME = Lifetime(idle=timedelta(hours=24), absolute=timedelta(hours=72))


def enter(cast: Cast, login: str, password: str = PASSWORD) -> Entrance:
    return sign_in(cast.runtime, login, password, HERE)


def counts(cast: Cast, secret: str) -> bool:
    with cast.runtime.reading() as session:
        return load_signed_in(session, digest_of(secret), LIFETIME, cast.clock.now()) is not None


def open_sessions(cast: Cast, login: str) -> list[PersonSession]:
    with cast.runtime.reading() as session:
        return sessions_of(session, cast.people[login], LIFETIME, cast.clock.now())


def guess(cast: Cast, login: str, times: int) -> None:
    for number in range(times):
        with pytest.raises(WrongPassword):
            enter(cast, login, f"guess {number}")


def test_a_session_says_who_it_is_until_it_ends(cast: Cast) -> None:
    first, second = enter(cast, "lina").secret, enter(cast, "LiNa ").secret
    with cast.runtime.reading() as session:
        found = load_signed_in(session, digest_of(first), LIFETIME, cast.clock.now())
    assert found
    assert (found.actor, found.must_change_password) == (cast.lina, False)
    end_own(cast.runtime, cast.lina, open_sessions(cast, "lina")[0].public_id)
    assert (counts(cast, first), counts(cast, second)) == (True, False)
    assert not counts(cast, "x" * 43)


def test_nobody_ends_another_s_session(cast: Cast) -> None:
    enter(cast, "lina")
    (session,) = open_sessions(cast, "lina")
    with pytest.raises(NotFound):
        end_own(cast.runtime, cast.wanglei, session.public_id)
    with pytest.raises(Forbidden):
        securing.end_session(cast.runtime, cast.zhangwei, person_id(cast, "lina"), session.public_id)
    securing.end_session(cast.runtime, cast.admin, person_id(cast, "lina"), session.public_id)
    assert open_sessions(cast, "lina") == []
    assert ("person.signed_out", "lina") in audited(cast)


def test_it_ends_without_use_and_after_its_time(cast: Cast) -> None:
    secret = enter(cast, "lina").secret
    cast.clock.advance(timedelta(hours=23))
    assert counts(cast, secret)
    cast.clock.advance(timedelta(hours=1))
    assert not counts(cast, secret)


def test_all_others_end_at_once(cast: Cast) -> None:
    secrets = [enter(cast, "lina").secret for _ in range(3)]
    with cast.runtime.reading() as session:
        kept = load_signed_in(session, digest_of(secrets[1]), LIFETIME, cast.clock.now())
    assert kept
    assert end_others(cast.runtime, cast.lina, session_id=kept.session_id) == 2
    assert [counts(cast, secret) for secret in secrets] == [False, True, False]


def test_departing_ends_every_session(cast: Cast) -> None:
    secret = enter(cast, "lina").secret
    depart(cast.runtime, cast.admin, person_id(cast, "lina"), Wish())
    assert not counts(cast, secret)


def test_ten_wrong_passwords_lock_a_login_longer_each_time(cast: Cast) -> None:
    guess(cast, "lina", 10)
    with pytest.raises(LoginLocked) as locked:
        enter(cast, "lina")
    assert locked.value.until - cast.clock.now() == timedelta(minutes=5)
    assert audited(cast).count(("person.locked", "lina")) == 1
    cast.clock.advance(timedelta(minutes=5))
    guess(cast, "lina", 1)
    with pytest.raises(LoginLocked) as locked:
        enter(cast, "lina")
    assert locked.value.until - cast.clock.now() == timedelta(minutes=10)
    cast.clock.advance(timedelta(minutes=10))
    assert enter(cast, "lina").failures == 11
    assert enter(cast, "lina").failures == 0


def test_a_login_that_nobody_has_is_locked_alike(cast: Cast) -> None:
    guess(cast, "nobody", 10)
    with pytest.raises(LoginLocked):
        enter(cast, "nobody")
    assert audited(cast) == []


def test_wrong_passwords_of_long_ago_do_not_count(cast: Cast) -> None:
    guess(cast, "lina", 9)
    cast.clock.advance(timedelta(minutes=16))
    guess(cast, "lina", 9)
    assert enter(cast, "lina").failures == 9


def test_an_administrator_unlocks(cast: Cast) -> None:
    guess(cast, "zhoulan", 10)
    for actor, refusal in ((cast.zhaomin, Forbidden), (cast.lina, NotFound)):
        with pytest.raises(refusal):
            securing.unlock(cast.runtime, actor, person_id(cast, "zhoulan"))
    securing.unlock(cast.runtime, cast.guohao, person_id(cast, "zhoulan"))
    assert enter(cast, "zhoulan").secret


def test_a_reset_password_must_be_changed_and_ends_what_was_open(cast: Cast) -> None:
    old = enter(cast, "zhoulan").secret
    temporary = securing.reset_password(cast.runtime, cast.guohao, person_id(cast, "zhoulan"))
    assert not counts(cast, old)
    with pytest.raises(WrongPassword):
        enter(cast, "zhoulan")
    secret = enter(cast, "zhoulan", temporary).secret
    with cast.runtime.reading() as session:
        found = load_signed_in(session, digest_of(secret), LIFETIME, cast.clock.now())
    assert found
    assert found.must_change_password
    change_own_password(
        cast.runtime, found.actor, session_id=found.session_id, old=temporary, new="三个 奇怪 的词 连起来"
    )
    assert counts(cast, secret)
    assert not person(cast, "zhoulan").must_change_password


@pytest.mark.parametrize("login", ["admin", "chenxiao", "lina", "guohao", "huangyi"])
def test_a_brand_administrator_resets_no_password_of_who_is_above_or_elsewhere(cast: Cast, login: str) -> None:
    with pytest.raises((Forbidden, NotFound)):
        securing.reset_password(cast.runtime, cast.guohao, person_id(cast, login))


def test_who_sits_in_a_brand_with_roles_beyond_it_is_out_of_its_administrator_s_hands(cast: Cast) -> None:
    put_person(cast.runtime, cast.admin, "lina", {"place": "sz-nanshan", "roles": "support@qiming"})
    with pytest.raises(Forbidden):
        securing.reset_password(cast.runtime, cast.guohao, person_id(cast, "lina"))


def test_ones_own_password_is_changed_with_the_present_one(cast: Cast) -> None:
    with pytest.raises(Invalid):
        change_own_password(cast.runtime, cast.lina, session_id=None, old="wrong", new="correct horse 7")
    change_own_password(cast.runtime, cast.lina, session_id=None, old=PASSWORD, new="correct horse 7")
    assert enter(cast, "lina", "correct horse 7").secret


@pytest.mark.parametrize(
    "password",
    [
        "password123!",
        "P@ssw0rd2026",
        "1234567890",
        "qwertyuiop1",
        "aaaaaaaaaaaa",
        "zhangwei2026",
        "ZhangWei.1",
        "张伟张伟1234567",
    ],
)
def test_a_password_that_others_try_first_is_refused(password: str) -> None:
    if password.startswith("张伟"):
        check_password(password, login="zhangwei", name="张伟")  # nine more characters than the name
        return
    with pytest.raises(Invalid):
        check_password(password, login="zhangwei", name="张伟")


@pytest.mark.parametrize("password", ["correct horse", "gongdan-demo", "三个奇怪的词连起来一二", "k7vp-29xw-mm4t"])
def test_a_password_of_ones_own_is_fine(password: str) -> None:
    check_password(password, login="zhangwei", name="张伟")
