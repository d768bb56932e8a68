"""Owns the texts of made-up tickets: phrases that are put together, and what the search index finds each by."""

from __future__ import annotations

import random
from functools import cache
from itertools import product

from tickets.search.tokens import tokens

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = tuple(
    "伟 芳 娜 敏 静 磊 洋 艳 勇 军 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 "
    "子轩 梓涵 一诺 雨桐 浩然 嘉怡 思远 晓彤 佳琪 文博 欣怡 俊杰 诗涵 宇航 若曦".split()
)
CITIES = tuple("深圳 广州 成都 杭州 南京 武汉 西安 苏州 长沙 郑州 青岛 合肥 厦门 宁波 昆明 济南".split())
STREETS = tuple("南山 天河 高新 滨江 江宁 光谷 雁塔 园区 岳麓 金水 市南 蜀山 思明 鄞州 五华 历下".split())

_WHO = ("学员", "家长", "老师", "全班同学", "两名学员", "新来的学员", "试听学员", "班主任", "校区前台", "课程顾问")
_WHERE = (
    "在课堂上",
    "课前",
    "课后",
    "今天早上",
    "昨天晚上",
    "周末班",
    "升级之后",
    "换了平板之后",
    "回家以后",
    "做作业时",
)
_WHAT = (
    "登录不上，一直提示密码错误",
    "登录后页面空白",
    "一进课堂就闪退",
    "课件打不开，停在加载中",
    "听不到老师的声音",
    "画面卡顿，声音断断续续",
    "作业提交失败",
    "成绩没有同步过来",
    "课时扣重了",
    "想调到周六上午的课",
    "要求退掉剩余课时",
    "想问暑期班什么时候开课",
    "教材第三单元有一处印错了",
    "投影仪不亮",
    "平板充不进电",
    "优惠券用不了",
    "收不到验证码",
    "账号被锁定了",
    "请假没有生效",
    "报名信息填错了姓名",
)
_THEN = (
    "已经重启过，还是一样",
    "换了一台设备也不行",
    "其他班级没有这个问题",
    "家长很着急，希望今天解决",
    "请尽快处理",
    "附上了截图",
    "之前也出现过一次",
    "网络是正常的",
    "请告知大概要多久",
    "可以电话联系",
    "麻烦帮忙看一下",
    "不影响今天上课",
)
_REPLIES = (
    "您反馈的问题我们已经收到，正在排查",
    "请升级到最新版本再试一次",
    "问题已经修复，请重新登录",
    "已经为学员恢复课时",
    "调课已经安排好，周六上午见",
    "退费申请已经提交财务，三个工作日内到账",
    "请提供一下设备型号和系统版本",
    "验证码通道已恢复",
    "教材勘误会在下一版改正",
    "设备已经寄出，请注意查收",
)
_NOTES = (
    "日志里有空指针，转研发",
    "同一校区上周也报过，可能是路由器",
    "家长情绪激动，先安抚",
    "和教务确认过，可以调",
    "版本太旧，建议强制升级",
    "财务说合同已过期",
    "等供应商回复",
    "重复问题，可以合并",
)
TITLES = tuple(f"{who}{where}{what.split('，')[0]}" for who, where, what in product(_WHO, _WHERE, _WHAT))
SAID = tuple(f"{who}{where}{what}" for who, where, what in product(_WHO, _WHERE, _WHAT))
MODELS = tuple(
    f"{make} {number}"
    for make in ("HUAWEI DBY", "iPad Pro", "Xiaomi Pad", "Lenovo Tab", "HONOR Pad")
    for number in range(1, 31)
)
VERSIONS = tuple(f"{major}.{minor}.{patch}" for major in (2, 3) for minor in range(6) for patch in range(4))


@cache
def found_by(text: str) -> frozenset[str]:
    """The tokens of a phrase, worked out once."""
    return frozenset(tokens(text))


def name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def story(chance: random.Random) -> list[str]:
    """What somebody writes when they file a ticket, phrase by phrase."""
    return [chance.choice(SAID), *chance.sample(_THEN, chance.randrange(3))]


def reply(chance: random.Random) -> str:
    return chance.choice(_REPLIES)


def note(chance: random.Random) -> str:
    return chance.choice(_NOTES)


def answer(chance: random.Random) -> str:
    return chance.choice(_THEN)
