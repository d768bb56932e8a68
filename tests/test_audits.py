"""The check of locked packages: what it lets pass, and that what it could not check is never called checked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import audits

TODAY = date(2026, 11, 22)
HOLE = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "description": "A hole.", "fix_versions": []}
EXCUSE = audits.Pass("CVE-2026-1", "flask", "we never call it", TODAY + timedelta(days=30))


def test_a_known_hole_is_found_and_excused_by_any_of_its_names() -> None:
    answer = {"dependencies": [{"name": "flask", "version": "3", "vulns": [HOLE]}]}
    (finding,) = audits.read_pip_audit(answer)
    assert finding.names == {"PYSEC-2026-1", "CVE-2026-1"}
    assert audits.excuses([EXCUSE], finding)
    assert not audits.excuses([audits.Pass("CVE-2026-1", "jinja2", "of another package", EXCUSE.until)], finding)


@pytest.mark.parametrize(
    "answer",
    [{}, {"dependencies": []}, {"dependencies": [{"name": "flask", "skip_reason": "not found"}]}],
)
def test_an_audit_that_looked_up_nothing_is_not_passed(answer: dict[str, object]) -> None:
    with pytest.raises(audits.NotChecked):
        audits.read_pip_audit(answer)


def test_of_npm_the_advisory_itself_counts_and_what_depends_on_it_does_not() -> None:
    hole = {"source": 7, "url": "https://github.com/advisories/GHSA-1", "title": "Bad"}
    answer = {"vulnerabilities": {"a": {"via": [hole]}, "b": {"via": ["a"]}}}
    assert [finding.package for finding in audits.read_npm_audit(answer)] == ["a"]
    assert audits.read_npm_audit({"vulnerabilities": {}}) == []
    with pytest.raises(audits.NotChecked, match="405"):
        audits.read_npm_audit({"message": "405 Method Not Allowed", "error": {}})


def test_an_exception_ends() -> None:
    assert list(audits.faulty([EXCUSE], TODAY)) == []
    (over,) = audits.faulty([EXCUSE], EXCUSE.until + timedelta(days=1))
    assert "look again" in over
    (long,) = audits.faulty([EXCUSE], TODAY - timedelta(days=300))
    assert "more than 180 days" in long


def test_an_exception_has_a_reason_and_an_end() -> None:
    entry = (
        '[[exception]]\nadvisory = "CVE-2026-1"\npackage = "flask"\nreason = "we never call it"\nuntil = 2026-12-22\n'
    )
    assert audits.read_exceptions(entry) == [EXCUSE]
    with pytest.raises(TypeError):
        audits.read_exceptions('[[exception]]\nadvisory = "CVE-2026-1"\npackage = "flask"')
    assert len(list(audits.faulty([audits.Pass("CVE-2026-1", "flask", "", EXCUSE.until)], TODAY))) == 1


def test_the_recorded_exceptions_are_readable() -> None:
    assert isinstance(audits.read_exceptions(audits.EXCEPTIONS.read_text("utf-8")), list)
