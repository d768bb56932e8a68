"""Owns the ticket type in which a step is done again whose own process can't be taken up there any more."""

from __future__ import annotations

import sqlalchemy as sa

from tickets.deploying import deploy
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.standards.checking.redone import KEY
from tickets.types import TicketType

TASK = "redo"

_BPMN = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  id="Definitions_redo" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="{KEY}" name="标准动作重做" isExecutable="true">
    <bpmn:extensionElements><camunda:properties>
      <camunda:property name="name.zh" value="标准动作重做" />
      <camunda:property name="name.en" value="Step to be done again" />
      <camunda:property name="category" value="标准&#10;Standard" />
      <camunda:property name="icon" value="rotate" />
      <camunda:property name="prefix" value="RD" />
    </camunda:properties></bpmn:extensionElements>
    <bpmn:startEvent id="start" name="抽查不合格">
      <bpmn:extensionElements><camunda:properties>
        <camunda:property name="name.en" value="Spot check failed" />
      </camunda:properties></bpmn:extensionElements>
      <bpmn:outgoing>to_redo</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:sequenceFlow id="to_redo" sourceRef="start" targetRef="{TASK}" />
    <bpmn:userTask id="{TASK}" name="重做" camunda:candidateGroups="campus_head">
      <bpmn:extensionElements><camunda:properties>
        <camunda:property name="name.en" value="Do it again" />
      </camunda:properties></bpmn:extensionElements>
      <bpmn:incoming>to_redo</bpmn:incoming>
      <bpmn:outgoing>to_done</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="to_done" sourceRef="{TASK}" targetRef="done" />
    <bpmn:endEvent id="done" name="已重做">
      <bpmn:extensionElements><camunda:properties>
        <camunda:property name="name.en" value="Done again" />
      </camunda:properties></bpmn:extensionElements>
      <bpmn:incoming>to_done</bpmn:incoming>
    </bpmn:endEvent>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_redo"><bpmndi:BPMNPlane id="Plane_redo" bpmnElement="{KEY}">
    <bpmndi:BPMNShape id="start_di" bpmnElement="start"><dc:Bounds x="160" y="102" width="36" height="36" />
      <bpmndi:BPMNLabel><dc:Bounds x="145" y="145" width="66" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="{TASK}_di" bpmnElement="{TASK}"><dc:Bounds x="260" y="80" width="100" height="80" />
    </bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="done_di" bpmnElement="done"><dc:Bounds x="424" y="102" width="36" height="36" />
      <bpmndi:BPMNLabel><dc:Bounds x="424" y="145" width="36" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="to_redo_di" bpmnElement="to_redo"><di:waypoint x="196" y="120" />
      <di:waypoint x="260" y="120" /></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="to_done_di" bpmnElement="to_done"><di:waypoint x="360" y="120" />
      <di:waypoint x="424" y="120" /></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def redo_type(runtime: Runtime) -> TicketType:
    """The type, one of the whole group; deployed the first time that a step needs it."""
    if (found := _known(runtime)) is None:
        deployed = deploy(runtime, None, {f"{KEY}.bpmn": _BPMN.encode()})
        assert deployed.report.accepted, [str(each.problem) for each in deployed.report.problems]
        with runtime.writing() as session, session.begin():  # nobody files one: a failed check does
            session.execute(sa.update(TicketType).where(TicketType.key == KEY).values(fileable=False))
        found = _known(runtime)
    assert found is not None
    return found


def _known(runtime: Runtime) -> TicketType | None:
    group = sa.select(Place.id).where(Place.kind == PlaceKind.GROUP)
    with runtime.reading() as session:
        return session.scalar(sa.select(TicketType).where(TicketType.key == KEY, TicketType.brand_id.in_(group)))
