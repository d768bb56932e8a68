"""Owns saying in our own words why a file is no XML: what is wrong at which line and column, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from engine.expressions import N_, Level, Message, Problem

_PROBLEM = N_("This is not XML at column %(column)s: %(why)s")
LONGEST = 80
"""Characters of a name of the file's own that are repeated."""


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why it is none, and how to mend it; `names` finds in the parser's words what both speak of."""

    why: str
    remedy: str
    names: re.Pattern[str] = re.compile("")


_CUT = N_("The file may be cut off: export the diagram again, or end here what was begun.")
_QUOTES = N_("Write attributes like name=\"value\", with a space before each.")  # fmt: skip
_UNENDED = _Reason(N_("what begins here is not ended: a tag, a value in quotation marks or a comment."), _CUT)
_OVER = _Reason(
    N_("the file is over in the middle of a tag, a value or a comment."),
    N_("The file is cut off: export the diagram again and upload all of it."),
)
_AND = _Reason(N_("an “&” stands here by itself."), N_("Write &amp; where an “&” is meant."))
_LESS = _Reason(N_("a “<” stands here that begins no tag."), N_("Write &lt; where a “<” is meant."))
_UNQUOTED = _Reason(N_("an attribute has no value in quotation marks."), _QUOTES)
_CHARACTER = _Reason(
    N_("a character that cannot be seen stands here, and XML allows none such."),
    N_("Delete that character in a text editor, or type the text anew in your modeler."),
)
_ANYTHING = _Reason(
    N_("what stands here may not stand there."),
    N_("Export the diagram from your modeler again; a BPMN file begins with <definitions>."),
)
_CODE = etree.ErrorTypes
_REASONS: Mapping[int, _Reason] = {
    _CODE.ERR_TAG_NAME_MISMATCH: _Reason(
        N_("<%(open)s>, which begins in line %(begun)s, is ended by </%(closed)s>."),
        N_("End <%(open)s> by </%(open)s>, or delete the tag that is too many."),
        re.compile(r"mismatch: (?P<open>\S+) line (?P<begun>\d+) and (?P<closed>\S+)"),
    ),
    _CODE.ERR_TAG_NOT_FINISHED: _Reason(
        N_("the file is over before <%(open)s>, which begins in line %(begun)s, is ended."),
        N_("The file is cut off: export the diagram again and upload all of it."),
        re.compile(r"in tag (?P<open>\S+) line (?P<begun>\d+)"),
    ),
    _CODE.ERR_UNDECLARED_ENTITY: _Reason(
        N_("“&%(name)s;” means nothing in XML."),
        N_("Write the character itself; XML knows &amp;, &lt;, &gt;, &quot; and &apos;."),
        re.compile(r"Entity '(?P<name>[^']+)'"),
    ),
    _CODE.ERR_ATTRIBUTE_REDEFINED: _Reason(
        N_("the attribute “%(name)s” stands twice in one tag."),
        N_("Keep one of the two."),
        re.compile(r"Attribute (?P<name>\S+) redefined"),
    ),
    _CODE.NS_ERR_UNDEFINED_NAMESPACE: _Reason(
        N_("the prefix “%(prefix)s:” is not declared."),
        N_("Declare it in the file's first tag by xmlns:%(prefix)s, as modelers do when they export."),
        re.compile(r"prefix (?P<prefix>\S+) "),
    ),
    _CODE.ERR_DOCUMENT_EMPTY: _Reason(
        N_("the file does not begin with a tag."),
        N_("Choose the .bpmn file that your modeler saves; a BPMN file begins with <definitions>."),
    ),
    _CODE.ERR_DOCUMENT_END: _Reason(
        N_("something follows after the last tag."), N_("Delete all that follows after </definitions>.")
    ),
    _CODE.ERR_LT_IN_ATTRIBUTE: _LESS,
    _CODE.ERR_ENTITYREF_SEMICOL_MISSING: _AND,
    _CODE.ERR_ATTRIBUTE_NOT_STARTED: _UNQUOTED,
    _CODE.ERR_ATTRIBUTE_WITHOUT_VALUE: _UNQUOTED,
    _CODE.ERR_SPACE_REQUIRED: _Reason(N_("two attributes are not parted as they should be."), _QUOTES),
    _CODE.ERR_ATTRIBUTE_NOT_FINISHED: _UNENDED,
    _CODE.ERR_GT_REQUIRED: _UNENDED,
    _CODE.ERR_COMMENT_NOT_FINISHED: _UNENDED,
    _CODE.ERR_CDATA_NOT_FINISHED: _UNENDED,
    _CODE.ERR_PI_NOT_FINISHED: _UNENDED,
    _CODE.ERR_INVALID_CHAR: _CHARACTER,
}
"""By the codes of libxml2, whose own words are English and name the place again."""


def malformed(error: etree.XMLSyntaxError, text: str) -> Problem:
    """The parser's error in that text as a line of a report, whose line is told by its place."""
    reason, said = _reason(error, text), error.msg or ""
    found = reason.names.search(said)
    if found is None:
        reason, found = _ANYTHING, _ANYTHING.names.search(said)
    named = {name: text.rstrip(",")[:LONGEST] for name, text in found.groupdict().items()} if found else {}
    line, column = error.position
    why = Message(_PROBLEM, {"column": max(column or 1, 1), "why": Message(reason.why, named)})
    return Problem(Level.ERROR, "not-xml", why, Message(reason.remedy, named), line=max(line or 1, 1))


def _reason(error: etree.XMLSyntaxError, text: str) -> _Reason:
    if error.code not in _WHOLE and _is_over(text, *error.position):
        return _OVER
    if error.code == _CODE.ERR_NAME_REQUIRED:  # of a tag, or of what an ampersand begins
        return _AND if "EntityRef" in (error.msg or "") else _LESS
    return _REASONS.get(error.code, _ANYTHING)


_WHOLE = frozenset(
    {
        _CODE.ERR_ATTRIBUTE_REDEFINED,
        _CODE.ERR_DOCUMENT_EMPTY,
        _CODE.ERR_TAG_NAME_MISMATCH,
        _CODE.ERR_TAG_NOT_FINISHED,
        _CODE.NS_ERR_UNDEFINED_NAMESPACE,
    }
)
"""What is told of a tag that is whole, or says by itself how the file ends."""


def _is_over(text: str, line: int, column: int) -> bool:
    """Whether nothing follows after that place."""
    rest = text.split("\n")[max(line, 1) - 1 :]
    return bool(rest) and not rest[0][max(column, 1) - 1 :].strip() and not any(map(str.strip, rest[1:]))
