"""Owns stories that hang together: a pair that was merged, a ticket with parts, one passed on, one nobody took."""

from __future__ import annotations

from typing import Any

from tickets.demo.promises import INQUIRY
from tickets.demo.stories import HUAWEI, report
from tickets.demo.story import Act, Did, Story

OUTAGE, FIRST = "网络改造", "先报的"


def _inquiry(topic: str, asker: str, summary: str, details: str, **more: Any) -> dict[str, Any]:
    facts = {"topic": topic, "asker": asker, "summary": summary, "details": details, "lesson_affected": "no"}
    return {**facts, **more}


THREADS = (
    Story(
        "3 09:30",
        "zhaomin",
        _inquiry(
            "other", "campus", "教室网络改造，三件事要一起办", "302、303 的网口、无线和投屏都要换，分成三张工单跟。"
        ),
        (
            Act("3 10:00", "lina", Did.CLAIM, "Task_Handle"),
            Act("3 10:05", "lina", Did.REPLY, "收到，三件事我一起跟，周五前给排期。"),
        ),
        type_key=INQUIRY,
        label=OUTAGE,
    ),
    Story(
        "3 09:40",
        "zhaomin",
        _inquiry("other", "campus", "302 的网口坏了两个", "墙上左边两个没有灯，老师只能用无线。"),
        (Act("3 10:10", "lina", Did.CLAIM, "Task_Handle"), Act("3 10:12", "lina", Did.BELONG, OUTAGE)),
        type_key=INQUIRY,
        pictures=("classroom",),
    ),
    Story(
        "3 09:50",
        "zhoulan",
        _inquiry("other", "teacher", "303 投屏总是断", "上课一半就断，要重新连。"),
        (
            Act("3 10:20", "lina", Did.CLAIM, "Task_Handle"),
            Act("3 10:22", "lina", Did.BELONG, OUTAGE),
            Act("2 11:00", "lina", Did.NOTE, "同批的投屏器有固件问题，等供应商。"),
        ),
        type_key=INQUIRY,
    ),
    Story(
        "2 10:20",
        "zengli",
        report(HUAWEI, "3.2.0", "quit", "class", "三年级 1 班有四台一开麦就退出。", affected_students=4),
        (
            Act("2 10:35", "zhouting", Did.CLAIM, "Task_Triage"),
            Act("2 10:41", "zhouting", Did.REPLY, "和南山其他班的是同一个问题，研发在改。"),
        ),
        label=FIRST,
        pictures=("crash",),
    ),
    Story(
        "2 10:50",
        "zhoulan",
        report(HUAWEI, "3.2.0", "quit", "class", "曾老师班上的平板闪退，我替她再报一次。", affected_students=4),
        (Act("2 11:05", "zhouting", Did.CLAIM, "Task_Triage"), Act("2 11:06", "zhouting", Did.MERGE, FIRST)),
    ),
    Story(
        "2 14:10",
        "yeqing",
        _inquiry("fee", "campus", "家长要按天退费，合同里没写", "转学要退三个月，家长坚持按天算，合同是按课时。"),
        (
            Act("2 14:30", "zhouting", Did.CLAIM, "Task_Handle"),
            Act("2 14:40", "zhouting", Did.TRANSFER, "fengyu", {"text": "冯宇处理过类似的合同，转给他。"}),
            Act("2 15:10", "fengyu", Did.NOTE, "查了去年两张同类工单，都是按课时退。"),
            Act("2 15:20", "zhouting", Did.COPY, "luojing"),
        ),
        type_key=INQUIRY,
        pictures=("receipt",),
    ),
    Story(
        "1 10:40",
        "fangyi",
        _inquiry("material", "teacher", "剑桥少儿二级第 12 页题目印反了", "图和文字对不上，照片在附件里，周末就要用。"),
        (
            Act("1 11:00", "fengyu", Did.CLAIM, "Task_Handle"),
            Act("1 11:02", "fengyu", Did.HAND_OVER, "zhouting", {"text": "教材的事由周婷统一答复。"}),
        ),
        type_key=INQUIRY,
        pictures=("page",),
    ),
    Story(
        "9 09:20",
        "liutao",
        _inquiry("schedule", "campus", "周末三个班要错开放学时间", "门口人太多，想错开二十分钟。"),
        (
            Act("9 09:40", "lina", Did.CLAIM, "Task_Handle"),
            Act("9 09:50", "lina", Did.COMPLETE, "Task_Handle", {"next": "answer"}),
            Act(
                "9 09:55",
                "lina",
                Did.COMPLETE,
                "Task_Reply",
                {"outcome": "arranged", "reply": "课表已经错开，家长端今晚能看到。"},
            ),
            Act("9 14:00", "liutao", Did.COMPLETE, "Task_Confirm", {"solved": "yes"}),
            Act("9 14:01", "liutao", Did.RATE, "安排得很周到。", {"stars": 5}),
            Act("6 09:30", "liutao", Did.REOPEN, "周日那个班还是同一时间放学。"),
        ),
        type_key=INQUIRY,
    ),
    Story(
        "1 13:40",
        "maxiaoyu",
        _inquiry("fee", "campus", "家长问老带新的优惠怎么算", "介绍的同学下周报名，想先知道两家各减多少。"),
        (
            Act("1 14:00", "zhouting", Did.CLAIM, "Task_Handle"),
            Act(
                "1 14:10",
                "zhouting",
                Did.COMPLETE,
                "Task_Handle",
                {"next": "help", "help_role": "consultant", "help_question": "请按校区的活动算一下两家各减多少。"},
            ),
        ),
        type_key=INQUIRY,
    ),
    Story(
        "150",
        "hejun",
        _inquiry("complaint", "campus", "家长投诉前台说话不耐烦", "接孩子时问了两次停车，回答很冲，要求道歉。"),
        (
            Act("130", "tangyan", Did.OFFER, "fengyu", {"text": "番禺的投诉，冯宇上次处理过。"}),
            Act("105", "fengyu", Did.DECLINE, "这两天在跟退费的事，请换一位。"),
        ),
        type_key=INQUIRY,
    ),
)
"""Told besides the stories of crashes; they need both inquiries and crash reports."""
