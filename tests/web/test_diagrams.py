"""Drawings say names in one language, the reader's, where the file has them; the file itself is not touched."""

from __future__ import annotations

import re

import pytest

from engine.definitions.xml import read_xml
from tests.tickets.play import SHIPPED, SHIPPED_TYPES
from web.diagrams import in_words

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def drawn(content: bytes, language: str) -> dict[str, str]:
    """What stands beside each shape and line, by the element's id."""
    root = in_words(read_xml(content), language)
    shown = {each.get("bpmnElement") for each in root.iter("{*}BPMNShape", "{*}BPMNEdge")}
    named = {each.get("id", ""): _name(each) for each in root.iter() if each.get("id") in shown}
    return {ident: name for ident, name in named.items() if name}


def _name(element: object) -> str:
    text = element.find("{*}text")  # type: ignore[attr-defined]  # lxml's own types say nothing of it
    return element.get("name") or (text.text if text is not None else "") or ""  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", SHIPPED_TYPES)
def test_a_shipped_type_is_drawn_in_the_reader_s_language(key: str) -> None:
    content = (SHIPPED / key / f"{key}.bpmn").read_bytes()
    chinese, english = drawn(content, "zh"), drawn(content, "en")
    assert [name for name in english.values() if CHINESE.search(name)] == []
    assert [name for name in chinese.values() if not CHINESE.search(name)] == []
    assert chinese.keys() == english.keys()


@pytest.mark.parametrize(
    ("language", "task", "note", "pool"), [("zh", "登记", "看", "办事"), ("en", "Register", "Look", "Errand")]
)
def test_tasks_notes_and_pools_are_called_what_their_names_say(language: str, task: str, note: str, pool: str) -> None:
    said = drawn(POOL, language)
    assert said == {"task": task, "note": note, "pool": pool, "plain": "登记 / Register"}


def names(zh: str, en: str) -> str:
    properties = "".join(f'<x:property name="name.{key}" value="{text}"/>' for key, text in (("zh", zh), ("en", en)))
    return f"<extensionElements><x:properties>{properties}</x:properties></extensionElements>"


POOL = f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="http://camunda.org/schema/zeebe/1.0"
  xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI">
<collaboration id="c"><participant id="pool" name="办事 / Errand" processRef="errand"/></collaboration>
<process id="errand" name="办事 / Errand">{names("办事", "Errand")}
<userTask id="task" name="登记 / Register">{names("登记", "Register")}</userTask>
<userTask id="plain" name="登记 / Register"/>
<textAnnotation id="note">{names("看", "Look")}<text>看 / Look</text></textAnnotation>
</process>
<d:BPMNDiagram><d:BPMNPlane>
<d:BPMNShape bpmnElement="pool"/><d:BPMNShape bpmnElement="task"/><d:BPMNShape bpmnElement="plain"/>
<d:BPMNShape bpmnElement="note"/></d:BPMNPlane></d:BPMNDiagram>
</definitions>""".encode()
