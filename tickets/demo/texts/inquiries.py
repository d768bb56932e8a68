"""Owns what is asked in inquiries and how it is answered: accounts, refunds, timetables, material, complaints."""

from __future__ import annotations

from typing import NamedTuple


class Asked(NamedTuple):
    """One kind of question; {student}, {course}, {number} and the days are filled in. `role` helps, if any.

    Mostly a family's, passed on by whoever files it; `own`: the teachers' own. `brands` where it can be asked, if not
    everywhere; `picture` is what may go along.
    """

    topic: str
    summary: str
    details: str
    reply: str
    outcome: str = "answered"
    role: str = ""
    help_question: str = ""
    help_answer: str = ""
    own: bool = False
    brands: tuple[str, ...] = ()
    picture: str = ""


ASKED: tuple[Asked, ...] = (
    Asked(
        "account",
        "{student}登录不了，提示账号停用",
        "昨天还能登录，今天提示账号停用。家里没有改过密码。",
        "账号是换校区时停掉的，已经恢复，用原来的密码就可以。",
        "arranged",
    ),
    Asked(
        "account",
        "家长换了手机号，收不到验证码",
        "旧号码已经注销，新号码收不到验证码，进不了 App。",
        "已经按登记的证件核对，手机号改好了，请重新获取验证码。",
        "arranged",
    ),
    Asked(
        "account",
        "两个孩子怎么用一个家长账号",
        "大的在{course}，小的刚报名，想在一个手机上看两个人的课表。",
        "在“我的”里点“添加学员”，输入小的那位的学号就可以切换。",
    ),
    Asked(
        "account",
        "{course}的班级在老师账号里看不到",
        "新接的班，课表里没有，点名也点不了。",
        "班级的任课老师还没改，校区改好以后已经能看到。",
        "arranged",
        "campus_head",
        "请把班级的任课老师改成现在这位。",
        "已经改好，老师重新登录就能看到。",
        own=True,
    ),
    Asked(
        "fee",
        "{student}要退剩下的 {number} 节课",
        "{day}搬家去外地，想退没上的课。",
        "已按合同算好余额，财务确认后 3 到 5 个工作日原路退回。",
        "arranged",
        "hq_operations",
        "请核对剩余课时和已用优惠。",
        "剩余课时无误，优惠按比例扣除，可以退。",
        picture="receipt",
    ),
    Asked(
        "fee",
        "报名时多扣了一次款",
        "付款页卡住以后又点了一次，银行显示扣了两笔。",
        "查到有一笔是重复的，已经发起退款，预计 3 个工作日到账。",
        "arranged",
        picture="receipt",
    ),
    Asked(
        "fee",
        "{course}要开发票",
        "单位要报销，抬头和税号已经发给前台。",
        "电子发票已经开好，发到登记的邮箱了。",
        "arranged",
    ),
    Asked(
        "fee",
        "优惠券到期前一天用不了",
        "券面写 {tomorrow}到期，付款时提示不可用。",
        "这张券只能用在续费上，新报名不能用。已经换了一张同额的。",
        "explained",
    ),
    Asked(
        "fee",
        "请假的 {few} 节课会不会扣课时",
        "孩子生病请了假，后台显示课时还是少了。",
        "请假提前 4 小时提交的不扣，已经把扣错的课时加回来。",
        "arranged",
    ),
    Asked(
        "schedule",
        "{course}想从周六改到周日",
        "周六要参加学校的活动，周日同级别的班还有位置吗？",
        "周日 10:00 的班还有两个位置，从下周起转过去。",
        "arranged",
        "consultant",
        "请看周日同级别的班有没有位置。",
        "周日上午还有两个位置，进度差一课，老师会补。",
    ),
    Asked(
        "schedule",
        "{student}请假，想补课",
        "{past}发烧没来，想补上这一课。",
        "已约好 {day}晚上的同进度补课，课表里能看到。",
        "arranged",
        "consultant",
        "请安排一次同进度的补课。",
        "约好了，家长也确认了。",
    ),
    Asked(
        "schedule",
        "停课通知没有收到",
        "到了校区才知道今天停课，App 里没有消息。",
        "通知开关没有打开，已经帮忙打开，以后会收到。",
    ),
    Asked(
        "schedule",
        "假期课表什么时候出",
        "要安排回老家的车票，想早点知道停课的日子。",
        "假期课表 {day}发到 App 和班级群。",
    ),
    Asked(
        "schedule",
        "教室换了，和课表写的不一样",
        "课表写 302，门口贴的是 208，孩子找不到。",
        "从今天起换到 208，课表已经改过来，抱歉没有提前说。",
        "arranged",
    ),
    Asked(
        "material",
        "{course}教材第 {number} 页印错了",
        "练习的答案和题目对不上，全班都问。",
        "确认是印刷错误，勘误页已经发到班级群，下一版会改。",
        "arranged",
        "hq_operations",
        "请教研看一下这一页，答案是不是错了。",
        "答案印成了上一单元的，勘误已经做好。",
        own=True,
        picture="page",
    ),
    Asked(
        "material",
        "教材还没收到",
        "报名 {number} 天了，物流一直显示待揽收。",
        "仓库漏发了，今天已经寄出，单号发到家长手机上了。",
        "arranged",
    ),
    Asked(
        "material",
        "实验盒少了一个马达",
        "打开就少，孩子没法做第三课。",
        "补发的马达今天寄出，第三课可以先看视频。",
        "arranged",
        brands=("kapok",),
    ),
    Asked(
        "material",
        "点读笔读不出第 {number} 页",
        "别的页都可以，就这一页没反应。",
        "这一页的点读包要更新，连上电脑更新一次就好。",
        brands=("qinghe",),
    ),
    Asked(
        "material",
        "课件里的视频打不开",
        "备课时点视频是空白，上课要用。",
        "视频地址换了，课件已经更新，重新下载就可以。",
        "arranged",
        own=True,
    ),
    Asked(
        "teacher",
        "{course}这个月换了两次老师",
        "孩子刚熟悉又换了，想知道接下来是不是固定。",
        "原来的老师休产假，由现在这位带到学期结束。",
        "explained",
        "campus_head",
        "请说明接下来的任课安排。",
        "现在这位会带到学期结束，已经和家长通过电话。",
    ),
    Asked(
        "teacher",
        "作业批改晚了三天",
        "每次都是下节课前一晚才批，孩子没时间改。",
        "已经和老师说定：课后两天内批完。",
        "passed",
    ),
    Asked(
        "teacher",
        "想看老师的课堂反馈",
        "App 里只有出勤，没有评语。",
        "反馈在“学习报告”里，每两周一次，已经发到家长手机上。",
    ),
    Asked(
        "course",
        "{student}该上哪个级别",
        "插班进来，学过一年，不知道接哪一级。",
        "约好 {day}做水平测试，20 分钟，测完就能定。",
        "arranged",
        "consultant",
        "请约一次水平测试。",
        "约好了。",
    ),
    Asked("course", "{course}学完能考什么", "想知道有没有对应的考级。", "学完可以考对应的一级，校区每年组织两次报名。"),
    Asked(
        "course",
        "{course}可以先试听吗",
        "邻居推荐的，想先试听再决定。",
        "约好 {day}试听，到校区前台报名字就可以。",
        "arranged",
    ),
    Asked(
        "course",
        "缺了 {few} 节课还跟得上吗",
        "住院两周，进度落下了。",
        "录播已经开通，老师会补两次，跟得上。",
        "arranged",
    ),
    Asked(
        "complaint",
        "等了一个小时没人接待",
        "预约了 {past}下午，到了前台说没有记录。",
        "预约没有录进系统，是我们的疏忽，已经重新约好，校长会当面说明。",
        "passed",
        "campus_head",
        "请联系家长说明，并重新约时间。",
        "已经当面致歉，家长接受。",
    ),
    Asked(
        "complaint",
        "电话推销太频繁",
        "一周接到四个续费电话，影响上班。",
        "已经登记为不再电话联系，改用消息。",
        "arranged",
        picture="chat",
    ),
    Asked(
        "complaint",
        "教室空调坏了两周",
        "孩子上完课一身汗，反映过一次没有下文。",
        "维修约在 {day}，这两次课先换到隔壁教室。",
        "passed",
        "campus_head",
        "请确认维修时间。",
        "约好了，先换教室。",
    ),
    Asked("other", "校区门口停车怎么收费", "接孩子每次都要绕两圈。", "凭学员卡前 40 分钟免费，前台可以登记车牌。"),
    Asked("other", "孩子的水杯落在教室", "蓝色的，上面贴了名字。", "找到了，放在前台，随时可以来拿。"),
    Asked(
        "other",
        "想参加开放日",
        "看到海报，不知道怎么报名。",
        "已经报上名，{day}上午 10 点开始，记得带身份证件。",
        "arranged",
    ),
)
PASSED_ON = ("家长说：", "家长来问：", "家长在群里说：", "前台转来的：")
"""How a family's question begins when somebody else files it."""
DETAILS = ("", "", "麻烦尽快，周末还有课。", "谢谢。", "之前也问过一次，没有解决。", "方便的话打电话说。")
ASKED_BACK: tuple[tuple[str, str], ...] = (
    ("请把合同编号或学号发一下。", "学号查到了，已经补在学员资料里。"),
    ("是哪一天的课？", "是上周六下午的课。"),
    ("方便说一下用的是哪个手机号吗？", "用的是登记的那个手机号。"),
    ("是哪个班？", "和课表上写的是同一个班，老师也知道这件事。"),
)
"""What support asks, with its answer."""
NOTES = ("家长语气有点急，先打了电话。", "和上个月那张是同一家。", "已经和校区对过。", "查了后台，记录是对的。", "")
COMMENTS = ("回得很快。", "说得很清楚。", "谢谢，家长也满意。", "等了两天，好在解决了。", "")
