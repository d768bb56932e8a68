"""Owns the first trial of a run: a small process of every common kind, tried only for what it leaves in memory."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tickets.trial.finding import Found
from tickets.trial.outcome import Outcome
from tickets.trial.stage import Stage
from tickets.trial.trying import Trial

SECONDS = 20
PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="http://example.com/gongdan">
  <message id="paid" name="paid" />
  <process id="first" isExecutable="true">
    <startEvent id="begin" />
    <sequenceFlow id="f1" sourceRef="begin" targetRef="fork" />
    <parallelGateway id="fork" />
    <sequenceFlow id="f2" sourceRef="fork" targetRef="ask" />
    <sequenceFlow id="f3" sourceRef="fork" targetRef="work" />
    <userTask id="ask" camunda:candidateGroups="support" camunda:dueDate="P1D">
      <extensionElements><camunda:formData>
        <camunda:formField id="amount" type="long" /><camunda:formField id="when" type="date" />
        <camunda:formField id="how" type="enum"><camunda:value id="a" /><camunda:value id="b" /></camunda:formField>
      </camunda:formData></extensionElements>
    </userTask>
    <boundaryEvent id="late" attachedToRef="ask">
      <timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="f4" sourceRef="late" targetRef="join" />
    <sequenceFlow id="f5" sourceRef="ask" targetRef="choose" />
    <exclusiveGateway id="choose" />
    <sequenceFlow id="f6" sourceRef="choose" targetRef="wait">
      <conditionExpression xsi:type="tFormalExpression">${amount &gt; 100}</conditionExpression>
    </sequenceFlow>
    <sequenceFlow id="f7" sourceRef="choose" targetRef="join" />
    <intermediateCatchEvent id="wait"><messageEventDefinition messageRef="paid" /></intermediateCatchEvent>
    <sequenceFlow id="f8" sourceRef="wait" targetRef="join" />
    <exclusiveGateway id="join" />
    <sequenceFlow id="f9" sourceRef="join" targetRef="meet" />
    <serviceTask id="work" camunda:type="external" camunda:topic="work" />
    <sequenceFlow id="f10" sourceRef="work" targetRef="each" />
    <userTask id="each" camunda:assignee="${who}">
      <multiInstanceLoopCharacteristics isSequential="true"
        camunda:collection="${people}" camunda:elementVariable="who" />
    </userTask>
    <sequenceFlow id="f11" sourceRef="each" targetRef="count" />
    <scriptTask id="count" scriptFormat="python"><script>count = len(people)</script></scriptTask>
    <sequenceFlow id="f12" sourceRef="count" targetRef="meet" />
    <parallelGateway id="meet" />
    <sequenceFlow id="f13" sourceRef="meet" targetRef="end" />
    <endEvent id="end" />
  </process>
</definitions>
"""


def warm_up(stage: Stage) -> Outcome:
    """What came of it."""
    outcome = Outcome("first.bpmn")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "first.bpmn"
        path.write_text(PROCESS, "utf-8")
        Trial(stage, outcome, time.monotonic() + SECONDS, lambda _outcome: None).run(Found(path, path.name))
    return outcome
