"""Texts are cut so that any two Chinese characters, and any three letters of a word, find them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tickets.search.document import INSIDE, indexed
from tickets.search.tokens import MOST_TERMS, terms, tokens

TEXTS = st.text(alphabet="登录失败课堂闪退 Pad12.iOS-,。Ａ１", max_size=40)


def test_chinese_is_cut_into_characters_and_pairs_and_words_into_themselves_and_threes() -> None:
    assert tokens("登录失败") == {"登", "录", "失", "败", "登录", "录失", "失败"}
    assert tokens("Login ok") == {"login", "log", "ogi", "gin", "ok"}
    assert terms("登录失败") == ["登录", "录失", "失败"]
    assert terms("课") == ["课"]
    assert terms("crash ok") == ["cra", "ras", "ash", "ok"]


def test_full_width_letters_and_capitals_are_alike() -> None:
    assert tokens("ＡＰＰ　３２０") == tokens("app 320")


def test_chinese_beside_letters_is_cut_apart() -> None:
    assert terms("升级到ipados后") == ["升级", "级到", "ipa", "pad", "ado", "dos", "后"]


def test_punctuation_is_nothing_to_look_for() -> None:
    assert terms("，。！? -- _ ' \" * \x00") == []
    assert tokens("…") == set()


@given(TEXTS, st.data())
def test_every_part_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    runs = [run for run in "".join(each if each.isalnum() else " " for each in text).split() if len(run) >= 2]
    if not runs:
        return
    run = data.draw(st.sampled_from(runs))
    start = data.draw(st.integers(0, len(run) - 2))
    part = run[start : data.draw(st.integers(start + 1, len(run)))]
    words = [each for each in terms(part) if len(each) >= 3 or not each.isascii()]
    assert set(words) <= tokens(text)


@given(st.text(max_size=400))
def test_any_text_may_be_looked_for(text: str) -> None:
    found = terms(text)
    assert len(found) <= MOST_TERMS
    assert not any(set(each) & set("'\"_:&|() ") for each in found)


def test_no_text_can_look_like_a_mark_or_like_the_inside() -> None:
    found = indexed("_note :p12 a_b", "secret", ":p3")
    assert ":p12" not in found
    assert {"note", "p12", ":p3", INSIDE + "secret"} <= set(found)
    assert INSIDE + "note" not in found
