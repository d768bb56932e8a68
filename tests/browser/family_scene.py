"""Tickets tied together, suspended, merged and rated, and replies kept, so that their pages have something to show."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tickets.canned.keeping import Wanted, create
from tickets.family.linking import link
from tickets.family.merging import merge
from tickets.family.parents import set_parent
from tickets.family.tagging import set_tags
from tickets.life.ending import confirm
from tickets.life.pausing import suspend
from tickets.life.rating import rate
from tickets.life.resolving import resolve

if TYPE_CHECKING:
    from tests.browser.scene import Scene


def relate(scene: Scene, long: str) -> None:
    """A ticket with a whole family (`parent`), and one of each kind beside it; the forms of their verbs."""
    runtime, cast, play = scene.cast.runtime, scene.cast, scene.play
    numbers = {}
    for name in ("parent", "part", "related", "merged", "suspended", "rated"):
        numbers[name] = scene.crash(name)
        play.claim("lina", "Task_Triage", numbers[name])
    lina, parent = cast.lina, numbers["parent"]
    set_parent(runtime, lina, numbers["part"], parent)
    link(runtime, lina, parent, numbers["related"])
    link(runtime, lina, parent, numbers["suspended"], "duplicate")
    merge(runtime, lina, numbers["merged"], parent)
    set_tags(runtime, lina, parent, ["平板", "华为 DBY2-W09", "系统升级", long[:32]])
    suspend(runtime, lina, numbers["suspended"], long[:300], cast.clock.now() + timedelta(days=3))
    resolve(runtime, lina, numbers["rated"], "已发布 3.2.1 修复")
    confirm(runtime, cast.zhoulan, numbers["rated"])
    rate(runtime, cast.zhoulan, numbers["rated"], 4, long[:120])
    for title in ("请补充版本号", "已修复，请更新"):
        text = f"{{requester}}，你好：工单 {{number}} {long[:80]}"
        reply_id = create(runtime, lina, Wanted(title, text, "Dear {requester}"))
    scene.at["reply"] = f"/replies/{reply_id}"
    for verb in ("suspend", "resolve", "hand_over", "priority", "retitle", "tag", "link", "merge", "close"):
        scene.at[f"do {verb}"] = f"/tickets/{parent}/do/{verb}"
    scene.at["do rate"] = f"/tickets/{numbers['rated']}/do/rate"
    scene.at["do withdraw"] = f"/tickets/{parent}/do/withdraw"
    scene.at["do reopen"] = f"/tickets/{numbers['rated']}/do/reopen"
    task = play.task("Task_Triage", parent).public_id
    scene.at["do step_back"] = f"/tasks/{task}/do/step_back"
