"""Owns the made-up group's ticket types: a shipped one and some simple ones, each with one real ticket as a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import orjson
import sqlalchemy as sa

from engine.models import ProcessInstance, TaskStatus, UserTask
from forms import parse_json
from tickets.access import load_actor
from tickets.deploying import deploy
from tickets.field_values import listed_fields
from tickets.filing import file_ticket
from tickets.runtime import Runtime
from tickets.ticket import Ticket
from tickets.types import TicketType, form_of

SIMPLE: tuple[tuple[str, str, str, str], ...] = (
    ("class_change", "调课申请", "TK", "consultant"),
    ("refund", "退费申请", "TF", "campus_head"),
    ("device_repair", "设备报修", "BX", "support"),
    ("account_help", "账号问题", "ZH", "support"),
    ("content_error", "教材勘误", "KW", "developer"),
    ("inquiry", "客户咨询", "ZX", "consultant"),
)
"""Key, name, prefix, whose queue their task waits in."""
WEIGHTS = (25, 12, 8, 15, 18, 7, 15)
URGENCIES = ("today", "week", "later")
CHANNELS = ("phone", "wechat", "counter", "mail")
CRASH: Mapping[str, Any] = {
    "phone_model": "HUAWEI DBY2-W09",
    "app_version": "3.2.0",
    "os": "harmonyos",
    "os_version": "4.2",
    "symptom": "quit",
    "scene": "class",
    "how_often": "always",
    "what_happened": "全班 6 台 Pad 中有 2 台一进课堂就退出。",
    "happened_at": "2026-11-20T08:40",
    "affected_students": 2,
}


@dataclass(frozen=True)
class Kind:
    """A type with the rows of its model ticket: what its instance and its open task are like."""

    key: str
    type_id: int
    definition_id: int
    prefix: str
    role: str
    form_digest: str
    data: Mapping[str, Any]
    listed: tuple[str, ...]
    state: bytes
    codec: int
    task: Mapping[str, Any]


def deploy_kinds(runtime: Runtime, requester_id: int) -> list[Kind]:
    """The crash report first, then the simple ones, deployed for the whole group."""
    shipped = files("processes") / "crash_report"
    crash = {each.name: each.read_bytes() for each in shipped.iterdir() if each.name.endswith((".bpmn", ".form"))}
    found = [_kind(runtime, requester_id, "crash_report", crash, CRASH, "support")]
    for key, name, prefix, role in SIMPLE:
        upload = {f"{key}.bpmn": _process(key, name, prefix, role).encode(), f"{key}.form": orjson.dumps(_form(key))}
        upload["work.form"] = orjson.dumps(_work())
        found.append(_kind(runtime, requester_id, key, upload, filled(key, 0), role))
    return found


def filled(_key: str, number: int) -> dict[str, Any]:
    """What a simple type's form holds, different for each number."""
    return {
        "urgency": URGENCIES[number % 3],
        "channel": CHANNELS[number // 3 % 4],
        "amount": number * 7 % 500,
        "wanted": f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}",
        "detail": "请尽快处理",
    }


def _kind(
    runtime: Runtime, requester_id: int, key: str, upload: Mapping[str, bytes], given: Mapping[str, Any], role: str
) -> Kind:
    deployed = deploy(runtime, None, upload)
    if not deployed.report.accepted:
        raise SystemExit("\n".join(str(problem.problem) for problem in deployed.report.problems))
    with runtime.reading() as session:
        requester = load_actor(session, requester_id)
    if requester is None:
        raise SystemExit("The requester of the first tickets is not there.")
    now = runtime.clock.now()
    number = file_ticket(runtime, requester, type_key=key, answer=lambda form, _: parse_json(form, given, now=now))
    with runtime.reading() as session:
        ticket = session.execute(sa.select(Ticket, Ticket.data).where(Ticket.number == number)).one()
        instance = session.execute(
            sa.select(ProcessInstance.state, ProcessInstance.codec_version).where(
                ProcessInstance.id == ticket[0].instance_id
            )
        ).one()
        waiting = sa.select(UserTask.__table__).where(
            UserTask.instance_id == ticket[0].instance_id, UserTask.status == TaskStatus.OPEN
        )
        task = session.execute(waiting).mappings().first()
        kind = session.get_one(TicketType, ticket[0].type_id)
        form = form_of(session, kind.start_form_digest or "")
    return Kind(
        key=key,
        type_id=kind.id,
        definition_id=kind.definition_id,
        prefix=kind.prefix,
        role=role,
        form_digest=kind.start_form_digest or "",
        data=ticket[1],
        listed=tuple(each.key for each in listed_fields(form)),
        state=instance.state,
        codec=instance.codec_version,
        task=dict(task or {}),
    )


def _process(key: str, name: str, prefix: str, role: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="bench">
  <bpmn:process id="{key}" name="{name}" isExecutable="true">
    <bpmn:extensionElements><camunda:properties>
      <camunda:property name="prefix" value="{prefix}"/>
    </camunda:properties></bpmn:extensionElements>
    <bpmn:startEvent id="begin" camunda:formRef="{key}"/>
    <bpmn:userTask id="work" name="处理" camunda:candidateGroups="{role}" camunda:formRef="work"/>
    <bpmn:userTask id="check" name="复核" camunda:candidateGroups="{role}" camunda:formRef="work"/>
    <bpmn:endEvent id="end"/>
    <bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="work"/>
    <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="check"/>
    <bpmn:sequenceFlow id="f3" sourceRef="check" targetRef="end"/>
  </bpmn:process>
</bpmn:definitions>
"""


def _form(key: str) -> dict[str, Any]:
    def choice(name: str, label: str, values: tuple[str, ...]) -> dict[str, Any]:
        options = [{"label": value, "value": value} for value in values]
        return {"type": "select", "id": f"f_{name}", "key": name, "label": label, "values": options}

    return {
        "type": "default",
        "id": key,
        "components": [
            choice("urgency", "紧急程度", URGENCIES),
            choice("channel", "来源", CHANNELS),
            {"type": "number", "id": "f_amount", "key": "amount", "label": "数量"},
            {"type": "datetime", "subtype": "date", "id": "f_wanted", "key": "wanted", "dateLabel": "希望日期"},
            {"type": "textarea", "id": "f_detail", "key": "detail", "label": "说明"},
        ],
    }


def _work() -> dict[str, Any]:
    done = {"type": "textarea", "id": "f_done", "key": "done", "label": "处理结果", "validate": {"required": True}}
    return {"type": "default", "id": "work", "components": [done]}
