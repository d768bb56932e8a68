"""Owns what the demo's people set up before they begin: working hours, promises, texts to answer with, saved lists."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tickets import saved_views
from tickets.access import Actor
from tickets.canned import keeping
from tickets.runtime import Runtime
from tickets.saved_views import NewView
from tickets.service import editing
from tickets.service.drafts import read_calendar
from tickets.service.editing import PolicyFacts
from tickets.service.holidays import CHINA

CRASH, INQUIRY = "crash_report", "customer_inquiry"
HOURS = "09:00-12:00, 13:30-18:00"
PROMISES = (
    PolicyFacts(CRASH, "", "PT1H", "PT24H", warn_before="20%", escalate_after="PT1H", escalate_to="superior"),
    PolicyFacts(CRASH, "urgent", "PT10M", "PT4H", warn_before="20%", escalate_after="PT30M", escalate_to="superior"),
)
CANNED = (
    keeping.Wanted(
        "更新到最新版",
        "请先把 App 更新到最新版，再试一次。还是不行的话，回一段录屏给我。",
        "Please update the app to the newest version and try again. If it still fails, send a screen recording.",
        shared=True,
    ),
    keeping.Wanted(
        "重新允许权限",
        "在系统设置里找到 App，重新允许麦克风和相机，再进课堂。",
        "Allow microphone and camera for the app again in the system settings, then rejoin the class.",
        CRASH,
        shared=True,
    ),
    keeping.Wanted(
        "请附录屏",
        "请附一段出问题时的录屏，从打开 App 开始录，一两分钟就够。",
        "Please attach a recording of the problem, from opening the app; a minute or two is enough.",
        CRASH,
        shared=True,
    ),
    keeping.Wanted(
        "退费多久到账",
        "财务确认以后，款项在 3 到 5 个工作日内原路退回。",
        "Once finance has confirmed, the money goes back the way it came within 3 to 5 working days.",
        shared=True,
    ),
)
VIEWS = (
    ("lina", NewView("华为平板崩溃", f"type={CRASH}&f.is.phone_model=HUAWEI%20DBY2-W09")),
    ("zhangwei", NewView("处理中的崩溃", f"type={CRASH}&status=in_progress", shared=True, role="support")),
    ("chenxiao", NewView("等提单人的工单", "status=awaiting_requester")),
    ("tangyan", NewView("没人接的工单", "status=unassigned", shared=True, role="dispatcher")),
)


def promise(runtime: Runtime, actor: Callable[[str], Actor], group: UUID) -> None:
    """Set all of it up, by the administrator and by those whose views they are."""
    admin = actor("admin")
    facts = read_calendar(zh="工作日", en="Working days", hours=[HOURS] * 5 + ["", ""], holidays=CHINA, days="")
    made = editing.put_calendar(runtime, admin, facts, owner_id=group)
    editing.choose_calendar(runtime, admin, group, made)
    for each in PROMISES:
        editing.put_policy(runtime, admin, group, each)
    for wanted in CANNED:
        keeping.create(runtime, admin, wanted)
    for login, view in VIEWS:
        saved_views.keep(runtime, actor(login), view)
