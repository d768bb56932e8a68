"""Owns what the demo's people have been writing to each other: some days' tickets as a table of who did what when."""

from __future__ import annotations

from typing import Any

from tickets.demo.story import Act, Did, Story


def report(device: tuple[str, str, str], app: str, symptom: str, scene: str, what: str, **more: Any) -> dict[str, Any]:
    """The values of a crash report's form."""
    model, os, version = device
    facts = {"phone_model": model, "os": os, "os_version": version, "app_version": app, "symptom": symptom}
    return {**facts, "scene": scene, "what_happened": what, "how_often": "always", "affected_students": 1, **more}


def _triage(when: str, finding: str, severity: str = "", **more: Any) -> Act:
    known = {"severity": severity} if severity else {}
    return Act(when, "lina", Did.COMPLETE, "Task_Triage", {"finding": finding, **known, **more})


def _reply(when: str, outcome: str, text: str, **more: Any) -> Act:
    return Act(when, "lina", Did.COMPLETE, "Task_Reply", {"outcome": outcome, "reply": text, **more})


HUAWEI, IPAD = ("HUAWEI DBY2-W09", "harmonyos", "4.2"), ("iPad 9", "ipados", "18.1")
XIAOMI, SAMSUNG = ("Xiaomi Pad 6", "android", "14"), ("Samsung Tab S6 Lite", "android", "13")
WINDOWS, HONOR = ("联想 ThinkPad E14", "windows", "11 23H2"), ("HONOR Pad 9", "android", "14")
SOLVED = {"solved": "yes"}

STORIES = (
    Story(
        "6 09:20",
        "zhoulan",
        report(HUAWEI, "3.1.8", "quit", "class", "三年级 2 班 6 台平板，进课堂就闪退。", affected_students=6),
        (
            _triage("6 09:38", "defect", "blocker", triage_note="同机型昨天也有一起，疑似麦克风权限。"),
            Act("6 09:45", "lina", Did.REPLY, "已经复现，研发在查。今天的课可以先用教师端投屏。"),
            Act(
                "5 16:30",
                "wanglei",
                Did.COMPLETE,
                "Task_Develop",
                {
                    "development_result": "fixed",
                    "cause": "permission",
                    "cause_detail": "系统升级后麦克风权限被收回，进课堂时没有判断。",
                    "fix_version": "3.1.9",
                    "release_on": "",
                },
            ),
            _reply("4 09:30", "fixed", "3.1.9 已经修复，更新后重新允许麦克风就可以。", fix_version="3.1.9"),
            Act("4 15:00", "zhoulan", Did.COMPLETE, "Task_Confirm", SOLVED),
            Act("4 15:02", "zhoulan", Did.RATE, "很快，上课没耽误。", {"stars": 5}),
        ),
    ),
    Story(
        "5 14:00",
        "sunyue",
        report(IPAD, "3.2.0", "silent", "video", "看回放没有声音，外放和耳机都一样。"),
        (
            _triage("5 14:12", "usage", "minor"),
            _reply("5 14:25", "usage", "侧边的静音开关打开了，关掉就有声音。"),
            Act("5 16:10", "sunyue", Did.COMPLETE, "Task_Confirm", SOLVED),
            Act("5 16:11", "sunyue", Did.RATE, "", {"stars": 4}),
        ),
    ),
    Story(
        "4 10:15",
        "zhoulan",
        report(XIAOMI, "3.2.0", "silent", "class", "学员听不到老师，老师能听到学员。", affected_students=3),
        (
            _triage("4 10:31", "defect", "major", triage_note="只在 3.2.0 出现，退回 3.1.9 正常。"),
            Act("4 10:36", "lina", Did.REPLY, "三台都是 3.2.0 对吗？研发在查，先用手机端上课。"),
            Act("4 11:00", "wanglei", Did.CLAIM, "Task_Develop"),
            Act("3 09:40", "wanglei", Did.NOTE, "定位到音频路由，今天出测试包。"),
            Act("2 14:00", "lina", Did.TAG, "音频"),
            Act("1 10:30", "zhoulan", Did.URGE, "周末还有两节课要用。"),
            Act("1 11:10", "lina", Did.ANSWER_URGE, "修复包正在回归，通过就发布。"),
        ),
    ),
    Story(
        "4 16:00",
        "liutao",
        report(HONOR, "3.2.0", "freeze", "payment", "付款页转圈，重试后好了。", how_often="once"),
        (Act("4 16:25", "liutao", Did.WITHDRAW, "换了网络就好了，不用处理。"),),
    ),
    Story(
        "3 11:05",
        "sunyue",
        report(HUAWEI, "3.2.0", "black", "launch", "打开后黑屏，只能强制退出。"),
        (_triage("3 11:20", "need_info", question="重装以后还会黑屏吗？请附一段录屏。"),),
    ),
    Story(
        "3 16:20",
        "liutao",
        report(SAMSUNG, "3.1.9", "freeze", "homework", "提交作业时卡住，要等一分钟。", how_often="sometimes"),
        (
            Act("3 16:32", "lina", Did.CLAIM, "Task_Triage"),
            Act("3 16:40", "lina", Did.REPLY, "这款平板的系统有已知问题，补丁这周推送。"),
            Act("3 17:10", "lina", Did.SUSPEND, "等三星推送系统补丁，家长装上以后再试。", {"days": 5}),
        ),
    ),
    Story(
        "1 10:10",
        "zhoulan",
        report(IPAD, "3.2.0", "quit", "login", "输入验证码后闪退。"),
        (
            _triage("1 10:18", "usage", "minor"),
            _reply("1 10:30", "usage", "这台 iPad 的日期不对，在设置里打开自动设定时间后再登录。"),
        ),
    ),
    Story(
        "2 13:50",
        "huangyi",
        report(WINDOWS, "7.4.1", "black", "class", "共享屏幕时学员看到的是黑屏。", affected_students=8),
        (
            _triage("2 14:15", "known", "major", duplicate_of="", fix_version="7.4.2"),
            Act("2 14:20", "lina", Did.PRIORITY, "high"),
            Act("2 14:40", "lina", Did.REPLY, "7.4.2 会修复，下周一发布。"),
        ),
    ),
    Story(
        "2 15:30",
        "zhaomin",
        report(HUAWEI, "3.2.0", "quit", "class", "全校区华为平板都进不了课堂。", affected_students=24),
        (
            _triage("2 15:36", "defect", "blocker", triage_note="和权限那次不同，日志里是内存不足。"),
            Act("2 15:38", "lina", Did.PRIORITY, "urgent"),
            Act("2 15:39", "lina", Did.REPLY, "已按最急处理，研发正在看。今晚的课先用 iPad 上。"),
            Act("1 15:30", "zhaomin", Did.URGE, "明天有公开课。"),
        ),
    ),
    Story(
        "1 09:05",
        "sunyue",
        report(XIAOMI, "3.2.0", "freeze", "video", "回放拖动进度条就卡死。"),
        (
            Act("1 09:20", "lina", Did.CLAIM, "Task_Triage"),
            Act("1 09:45", "lina", Did.DRAFT, "Task_Triage", {"finding": "defect", "severity": "minor"}),
            Act("1 09:50", "lina", Did.CONSULT, "wanglei", {"text": "拖动时会重新取流吗？像是上次那个问题。"}),
        ),
    ),
    Story(
        "1 14:40",
        "lina",
        report(HONOR, "3.2.0", "silent", "class", "电话里说：重启后能好十分钟，然后又没声音。", how_often="sometimes"),
        (Act("1 14:46", "lina", Did.CLAIM, "Task_Triage"), Act("1 14:47", "lina", Did.TAG, "音频")),
        caller="zhoulan",
    ),
    Story("1 16:50", "huangyi", report(WINDOWS, "7.4.1", "quit", "launch", "更新到 7.4.1 以后打不开。")),
    Story("25", "sunyue", report(IPAD, "3.2.0", "freeze", "homework", "拍照上传作业时卡住。", how_often="sometimes")),
    Story("8", "zhoulan", report(HUAWEI, "3.2.0", "black", "class", "进课堂黑屏，声音正常。", affected_students=2)),
)
"""What was asked of support lately, oldest first, in every state that a ticket can be in."""
