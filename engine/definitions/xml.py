"""Owns the first look at an upload: bytes in any declared encoding to an XML tree; nothing outside is read."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from lxml import etree

from engine.definitions.malformed import malformed
from engine.expressions import N_, Level, Message, Problem

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 60_000
MAX_DEPTH = 60

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ROOT = re.compile(r"<[A-Za-z_]")
_TEXT_ENCODINGS = frozenset(
    "utf-8 ascii iso8859-1 iso8859-15 cp1252 gbk gb2312 gb18030 big5 big5hkscs shift_jis euc_jp euc_kr"
    " utf-16 utf-16-le utf-16-be".split()
)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030"}
"""Files that say GB2312 or GBK hold characters of the larger set; the WHATWG's encoding standard reads them so too."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Unreadable(Exception):
    """The bytes are not an XML document we read; `problem` says why and how to mend it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem.problem))
        self.problem = problem


def read_xml(content: bytes) -> Element:
    """The root element; raises `Unreadable`. No DTD, no entity beyond XML's five, no network, bounded."""
    if not content.strip():
        raise _unreadable("empty", N_("The file is empty."), N_("Export the diagram from your modeler again."))
    if len(content) > MAX_BYTES:
        raise _unreadable(
            "too-large",
            N_("The file has %(size)s MB; at most %(limit)s MB are read."),
            N_("Split the process into called processes, or remove embedded images."),
            size=round(len(content) / 1_048_576, 1),
            limit=MAX_BYTES // 1_048_576,
        )
    text = _DECLARATION.sub(lambda found: re.sub(r"\S", " ", found[0]), _decode(content), count=1)  # keeps places
    root = _ROOT.search(text)
    doctype = text.find("<!DOCTYPE", 0, root.start() if root else None)
    if doctype >= 0:
        raise _dtd(text.count("\n", 0, doctype) + 1)
    tree = _parse(text.encode("utf-8", "surrogatepass"))
    if tree.getroottree().docinfo.doctype:
        raise _dtd(1)
    _check_shape(tree)
    return tree


def local(element: Element) -> str:
    """The tag without its namespace; empty for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def namespace(element: Element) -> str:
    return etree.QName(element).namespace or "" if isinstance(element.tag, str) else ""


def _decode(content: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "")
    if not encoding:
        match = _ENCODING.match(content[:512])
        encoding = match[1].decode().lower() if match else "utf-8"
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        known = ""
    if known.removesuffix("-sig") not in _TEXT_ENCODINGS:
        raise _unreadable(
            "encoding",
            N_("The encoding “%(encoding)s” is not one we read."),
            N_("Save the file as UTF-8."),
            encoding=encoding[:40],
        )
    try:
        return content.decode(_WIDER.get(known, encoding)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _unreadable(
            "encoding",
            N_("The file says it is %(encoding)s, but byte %(position)s does not fit."),
            N_("Save the file as UTF-8, or correct the encoding in its first line."),
            encoding=encoding,
            position=error.start,
        ) from None


def _parse(content: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        if "Excessive depth" in (error.msg or ""):
            raise _too_deep() from None
        raise Unreadable(malformed(error, content.decode("utf-8", "replace"))) from None
    return root


def _check_shape(root: Element) -> None:
    count, depth, level = 0, 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        count, depth = count + 1, max(depth, level)
        if depth > MAX_DEPTH or count > 2 * MAX_ELEMENTS:
            raise _too_deep()


def _too_deep() -> Unreadable:
    problem = N_("The file is nested deeper than %(depth)s levels or has more than %(count)s elements.")
    remedy = N_("Split the process into called processes.")
    return _unreadable("too-deep", problem, remedy, depth=MAX_DEPTH, count=MAX_ELEMENTS)


def _dtd(line: int) -> Unreadable:
    problem = N_("The file has a <!DOCTYPE …>, which is never read: it could pull in other files.")
    return _unreadable("dtd", problem, N_("Remove the DOCTYPE and its entities; BPMN needs none."), line=line)


def _unreadable(code: str, problem: str, remedy: str, *, line: int = 1, **params: object) -> Unreadable:
    return Unreadable(Problem(Level.ERROR, code, Message(problem, params), Message(remedy), line=line))
