import re
from pathlib import Path

from babel.messages.catalog import Catalog

from tests.translations import CATALOGUES, faults_of, read, rewrite


def catalogue(**texts: str) -> Catalog:
    made = Catalog(locale="zh", fuzzy=False)
    for text, translation in texts.items():
        made.add(text.replace("_", " "), translation)
    return made


def test_a_complete_catalogue_has_no_faults() -> None:
    assert list(faults_of(catalogue(Claim="认领"), catalogue(Claim=""))) == []


def test_a_text_without_translation_is_a_fault() -> None:
    assert "not translated: 'Claim'" in next(faults_of(catalogue(), catalogue(Claim="")))
    assert "not translated: 'Claim'" in next(faults_of(catalogue(Claim=""), catalogue(Claim="")))


def test_a_fuzzy_translation_is_a_fault() -> None:
    fuzzy = catalogue(Claim="认领")
    fuzzy.get("Claim").flags.add("fuzzy")  # type: ignore[union-attr]  # it was just added
    assert "marked fuzzy" in next(faults_of(fuzzy, catalogue(Claim="")))


def test_a_translation_of_a_text_that_is_gone_is_a_fault() -> None:
    assert list(faults_of(catalogue(Gone="没了"), Catalog())) == [
        "no longer in the code (make messages drops it): 'Gone'"
    ]


def test_a_translation_must_keep_the_parameters() -> None:
    text = "%(count)s_tickets"
    assert "'cuont'" in next(faults_of(catalogue(**{text: "%(cuont)s 张工单"}), catalogue(**{text: ""})))


def test_an_update_keeps_translations_adds_new_texts_and_drops_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "zh/LC_MESSAGES/messages.po"
    path.parent.mkdir(parents=True)
    path.write_text('msgid "Claim"\nmsgstr "认领"\n\nmsgid "Gone"\nmsgstr "没了"\n')
    rewrite(path, catalogue(Claim="", Release=""))
    updated = read(path)
    assert {str(message.id): message.string for message in updated if message.id} == {"Claim": "认领", "Release": ""}


def test_in_chinese_a_space_parts_who_did_it_from_what_they_did() -> None:
    said = [str(each.string) for each in read(CATALOGUES / "zh/LC_MESSAGES/messages.po")]
    assert [text for text in said if re.search(r"%\(who\)s[\u4e00-\u9fff]", text)] == []
