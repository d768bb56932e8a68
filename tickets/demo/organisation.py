"""Owns the wide demo's places and people: three brands, 24 campuses, departments, 60 people around the cast."""

from __future__ import annotations

from dataclasses import replace

from tickets.demo.cast import PEOPLE, PLACES, DemoPerson, DemoPlace
from tickets.places import PlaceKind

CAMPUS, DEPARTMENT = PlaceKind.CAMPUS, PlaceKind.DEPARTMENT

ALL_PLACES = (
    *PLACES,
    DemoPlace("shanhai", PlaceKind.BRAND, "山海美术", "Shanhai Art", "qiming"),
    DemoPlace("operations", DEPARTMENT, "校区运营部", "Campus operations", "qiming"),
    DemoPlace("qinghe-teaching", DEPARTMENT, "教学教研部", "Teaching and research", "qinghe"),
    DemoPlace("kapok-teaching", DEPARTMENT, "课程研发部", "Course development", "kapok"),
    DemoPlace("shanhai-teaching", DEPARTMENT, "教研部", "Teaching", "shanhai"),
    DemoPlace("sz-futian", CAMPUS, "深圳福田校区", "Shenzhen Futian", "qinghe"),
    DemoPlace("gz-panyu", CAMPUS, "广州番禺校区", "Guangzhou Panyu", "qinghe"),
    DemoPlace("fs-chancheng", CAMPUS, "佛山禅城校区", "Foshan Chancheng", "qinghe"),
    DemoPlace("cs-yuelu", CAMPUS, "长沙岳麓校区", "Changsha Yuelu", "qinghe"),
    DemoPlace("wh-hongshan", CAMPUS, "武汉洪山校区", "Wuhan Hongshan", "qinghe"),
    DemoPlace("nj-jianye", CAMPUS, "南京建邺校区", "Nanjing Jianye", "qinghe"),
    DemoPlace("hz-binjiang", CAMPUS, "杭州滨江校区", "Hangzhou Binjiang", "qinghe"),
    DemoPlace("xm-siming", CAMPUS, "厦门思明校区", "Xiamen Siming", "qinghe"),
    DemoPlace("cd-jinjiang", CAMPUS, "成都锦江校区", "Chengdu Jinjiang", "kapok"),
    DemoPlace("cq-yubei", CAMPUS, "重庆渝北校区", "Chongqing Yubei", "kapok"),
    DemoPlace("xa-yanta", CAMPUS, "西安雁塔校区", "Xi'an Yanta", "kapok"),
    DemoPlace("km-panlong", CAMPUS, "昆明盘龙校区", "Kunming Panlong", "kapok"),
    DemoPlace("gy-guanshanhu", CAMPUS, "贵阳观山湖校区", "Guiyang Guanshanhu", "kapok"),
    DemoPlace("bj-haidian", CAMPUS, "北京海淀校区", "Beijing Haidian", "kapok"),
    DemoPlace("tj-nankai", CAMPUS, "天津南开校区", "Tianjin Nankai", "kapok"),
    DemoPlace("sh-xuhui", CAMPUS, "上海徐汇校区", "Shanghai Xuhui", "shanhai"),
    DemoPlace("sh-pudong", CAMPUS, "上海浦东校区", "Shanghai Pudong", "shanhai"),
    DemoPlace("su-yuanqu", CAMPUS, "苏州园区校区", "Suzhou Industrial Park", "shanhai"),
    DemoPlace("nb-yinzhou", CAMPUS, "宁波鄞州校区", "Ningbo Yinzhou", "shanhai"),
    DemoPlace("qd-shinan", CAMPUS, "青岛市南校区", "Qingdao Shinan", "shanhai"),
    DemoPlace("dl-shahekou", CAMPUS, "大连沙河口校区", "Dalian Shahekou", "shanhai"),
)


def _head(login: str, name: str, place: str) -> DemoPerson:
    return DemoPerson(login, name, "校长", place, "campus_head", superior="chenxiao")


def _teacher(login: str, name: str, title: str, place: str, head: str) -> DemoPerson:
    return DemoPerson(login, name, title, place, "requester", superior=head)


def _consultant(login: str, name: str, place: str, head: str) -> DemoPerson:
    return DemoPerson(login, name, "课程顾问", place, "consultant", superior=head)


HEADS = (
    _head("luojing", "罗静", "gz-tianhe"),
    _head("gaopeng", "高鹏", "cd-gaoxin"),
    _head("linshu", "林舒", "sz-futian"),
    _head("hejun", "何军", "gz-panyu"),
    _head("maxiaoyu", "马晓宇", "fs-chancheng"),
    _head("songyang", "宋阳", "cs-yuelu"),
    _head("xiewen", "谢雯", "wh-hongshan"),
    _head("shenkai", "沈凯", "nj-jianye"),
    _head("yaoling", "姚玲", "hz-binjiang"),
    _head("caihong", "蔡虹", "xm-siming"),
    _head("dengchao", "邓超", "cd-jinjiang"),
    _head("pengrui", "彭睿", "cq-yubei"),
    _head("yuting", "于婷", "xa-yanta"),
    _head("dongjie", "董洁", "km-panlong"),
    _head("xiaoqing", "肖青", "gy-guanshanhu"),
    _head("tianyu", "田宇", "bj-haidian"),
    _head("renfei", "任飞", "tj-nankai"),
    _head("fanlei", "范蕾", "sh-xuhui"),
    _head("shijun", "石俊", "sh-pudong"),
    _head("weilan", "魏岚", "su-yuanqu"),
    _head("jiangtao", "江涛", "nb-yinzhou"),
    _head("qinmei", "秦梅", "qd-shinan"),
    _head("baihua", "白桦", "dl-shahekou"),
)

STAFF = (
    DemoPerson("zhouting", "周婷", "技术支持", "support-centre", "support", at="qiming", superior="zhangwei"),
    DemoPerson("fengyu", "冯宇", "技术支持", "support-centre", "support", at="qiming", superior="zhangwei"),
    DemoPerson("xuhao", "许浩", "研发工程师", "support-centre", "developer", at="qiming", superior="zhangwei"),
    DemoPerson("yangfan", "杨帆", "标准督导", "operations", "hq_operations", at="qiming", superior="chenxiao"),
    DemoPerson("lvqiang", "吕强", "品牌管理员", "kapok", "brand_administrator", superior="chenxiao"),
    DemoPerson("pansi", "潘思", "客服分派", "kapok", "dispatcher", superior="lvqiang"),
    DemoPerson("jinchen", "金晨", "品牌管理员", "shanhai", "brand_administrator", superior="chenxiao"),
    DemoPerson("duxin", "杜欣", "客服分派", "shanhai", "dispatcher", superior="jinchen"),
)

CAMPUS_PEOPLE = (
    _teacher("zengli", "曾莉", "英语老师", "sz-nanshan", "zhaomin"),
    _consultant("yeqing", "叶青", "gz-tianhe", "luojing"),
    _consultant("wanjia", "万佳", "cd-gaoxin", "gaopeng"),
    _consultant("tangrui", "唐锐", "sz-futian", "linshu"),
    _teacher("fangyi", "方怡", "英语老师", "sz-futian", "linshu"),
    _teacher("haoran", "郝然", "英语老师", "hz-binjiang", "yaoling"),
    _consultant("dingning", "丁宁", "hz-binjiang", "yaoling"),
    _teacher("guyan", "顾妍", "英语老师", "wh-hongshan", "xiewen"),
    _teacher("longfei", "龙飞", "科学老师", "cq-yubei", "pengrui"),
    _teacher("duanrui", "段锐", "科学老师", "bj-haidian", "tianyu"),
    _consultant("leixin", "雷欣", "bj-haidian", "tianyu"),
    _teacher("houyun", "侯芸", "科学老师", "xa-yanta", "yuting"),
    _teacher("shaoyi", "邵艺", "美术老师", "sh-xuhui", "fanlei"),
    _consultant("menglu", "孟璐", "sh-xuhui", "fanlei"),
    _teacher("qiuyue", "邱月", "美术老师", "su-yuanqu", "weilan"),
)

SUPERIORS = {"sunyue": "luojing", "huangyi": "gaopeng"}
"""Two of the cast whose campus has a head only here."""
STILL_HERE = {"wufang"}
"""Who has left in the cast, but only lately here: what she had was handed over, and one can see how."""
ALSO = {"guohao": ("designer",)}
"""Who of the cast has more roles here: this brand's manager publishes its variants himself; the others' leave it to
headquarters.
"""

_CAST = tuple(
    replace(
        one,
        superior=SUPERIORS.get(one.login, one.superior),
        departed=one.login not in STILL_HERE and one.departed,
        also=ALSO.get(one.login, ()),
    )
    for one in PEOPLE
)
ALL_PEOPLE = (
    *(one for one in _CAST if one.login not in SUPERIORS),
    *HEADS,
    *(one for one in _CAST if one.login in SUPERIORS),
    *STAFF,
    *CAMPUS_PEOPLE,
)
