"""Owns the engine's tables. It knows neither tickets nor people: a brand and a person are plain integers here."""

from __future__ import annotations

from engine.models.definitions import DeployedFile, Deployment, ProcessDefinition
from engine.models.incidents import STOPS, UNRESOLVED, Incident
from engine.models.instances import ElementVisit, InstanceStatus, ProcessInstance, StepInput
from engine.models.jobs import Effect, Job, JobError, JobKey, JobStatus
from engine.models.tasks import TaskCandidate, TaskStatus, UserTask
from engine.models.waiting import EventType, MessageSubscription, PendingMessage, Timer

__all__ = [
    "STOPS",
    "UNRESOLVED",
    "DeployedFile",
    "Deployment",
    "Effect",
    "ElementVisit",
    "EventType",
    "Incident",
    "InstanceStatus",
    "Job",
    "JobError",
    "JobKey",
    "JobStatus",
    "MessageSubscription",
    "PendingMessage",
    "ProcessDefinition",
    "ProcessInstance",
    "StepInput",
    "TaskCandidate",
    "TaskStatus",
    "Timer",
    "UserTask",
]
