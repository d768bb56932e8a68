"""Owns what is written in crash reports: devices, symptoms, findings of support and developers, answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Device(NamedTuple):
    """What an app runs on."""

    model: str
    os: str
    version: str

    def fits(self, happened: str) -> bool:
        """Whether that happens on it."""
        return self.os not in COMPUTERS or not any(word in happened for word in TABLETS_ONLY)

    def worded(self, text: str) -> str:
        """The text as it is said of it; most are written of tablets."""
        if self.os == "ios":
            return text.replace("平板", "*").replace("手机", "平板").replace("*", "手机")
        return text.replace("平板", "电脑") if self.os in COMPUTERS else text


COMPUTERS = ("windows", "macos")
TABLETS_ONLY = ("横竖屏", "锁屏", "图标", "拍照")
"""Words of what doesn't happen on a computer."""

HUAWEI = Device("HUAWEI DBY2-W09", "harmonyos", "4.2")
DEVICES: tuple[Device, ...] = (
    HUAWEI,
    Device("iPad 9", "ipados", "17.6"),
    Device("iPad 10", "ipados", "18.1"),
    Device("Xiaomi Pad 6", "android", "14"),
    Device("HONOR Pad 9", "android", "14"),
    Device("Samsung Tab S6 Lite", "android", "13"),
    Device("HUAWEI MatePad SE", "harmonyos", "3.0"),
    Device("OPPO Pad Air2", "android", "13"),
    Device("联想小新 Pad 2024", "android", "14"),
    Device("iPhone 13", "ios", "17.5"),
    Device("联想 ThinkPad E14", "windows", "11 23H2"),
    Device("MacBook Air M2", "macos", "14.6"),
)

HAPPENED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("quit", "class"): (
        "进课堂大概十秒就退回桌面，{who}都这样。",
        "老师一开麦，{who}的 App 就退出。",
        "点“进入课堂”后转两圈就没了，没有任何提示。",
        "上到一半突然退出，重新进来又退。",
    ),
    ("quit", "launch"): (
        "更新以后打不开，图标一点就闪一下。",
        "启动页的动画还没放完就退出了。",
        "重启平板以后第一次打开必退。",
    ),
    ("quit", "login"): ("输完验证码点登录就退出。", "切换学员账号的时候退出，要重开。"),
    ("quit", "homework"): ("拍照上传第三张作业的时候退出。", "朗读作业录完点提交就闪退，录音也没了。"),
    ("freeze", "class"): (
        "画面停住，声音还在，{who}要退出重进。",
        "翻页以后白板不动了，老师那边是正常的。",
        "举手以后按钮一直是灰的。",
    ),
    ("freeze", "video"): ("回放拖到后面就卡死，只能关掉。", "倍速改成 1.5 以后画面停住。"),
    ("freeze", "homework"): ("提交作业一直转圈，{who}等了十分钟。", "作业列表往下滑会卡住几秒。"),
    ("freeze", "payment"): ("付款页转圈，不敢再点，怕扣两次。", "选完优惠券以后页面没有反应。"),
    ("black", "class"): (
        "进课堂黑屏，声音正常。",
        "老师共享屏幕的时候{who}看到的是黑的。",
        "横竖屏转一次就黑了，要锁屏再开。",
    ),
    ("black", "launch"): ("打开以后一直黑屏，只能强制退出。", "从后台切回来是黑的。"),
    ("black", "video"): ("回放只有声音，画面全黑。", "投到教室电视上就黑屏。"),
    ("silent", "class"): (
        "{who}听不到老师，老师能听到学员。",
        "插耳机以后没有声音，拔掉就好。",
        "前半节正常，后半节突然没声音。",
    ),
    ("silent", "video"): ("看回放没有声音，别的 App 都有。", "第二段以后就没声音了。"),
    ("silent", "homework"): ("听力题点播放没有声音。", "跟读评分时录不到声音，一直是 0 分。"),
    ("other", "class"): ("画面和声音差了好几秒，{who}跟不上。", "课堂里的奖杯一直不亮，学员很在意。"),
    ("other", "login"): ("登录以后看到的是上学期的课表。", "提示“设备过多”，可是只登了一台。"),
}
"""By symptom and scene; {who} is who is affected."""
WHO: tuple[tuple[str, int], ...] = (
    ("这台平板", 1),
    ("全班", 12),
    ("后排几台", 4),
    ("家里的平板", 1),
    ("借给学员的平板", 1),
    ("新领的平板", 1),
    ("两名学员", 2),
    ("三台里有两台", 2),
)
"""Who is affected, and how many students that is."""
TRIED = (
    "重启过，没有用。",
    "重装以后好了一天，又出现了。",
    "换一个网络也一样。",
    "清过缓存，还是一样。",
    "同一个账号在手机上是正常的。",
    "退出账号再登录也一样。",
)
TRIED_IN_CLASS = (
    "同班别的机型没有这个问题。",
    "连续三节课都遇到了。",
    "先让学员用家长的手机上课。",
    "教室里信号是满格。",
)
JUST_NOW = ("昨天还好好的。", "", "")
"""What is said of what happened once."""
NOTES = (
    "已经在测试机上复现。",
    "只在这个系统版本出现。",
    "同机型这周已经有好几起，建议合并看。",
    "先给校区借一台备用机。",
)
NOTES_ON: Mapping[str, tuple[str, ...]] = {
    "quit": ("日志里是内存不足，和上个月那起不一样。", "录屏里能看到系统权限弹窗被挡住了。"),
    "silent": ("看日志是音频路由没有切回来。",),
    "black": ("日志里是解码失败，画面没有送到屏幕上。",),
}
"""By symptom, besides."""
KNOWN = (
    "这是已知问题，{version} 会修复，更新以后就好了。",
    "和上周的问题是同一个原因，{version} 发布后会自动更新。",
    "研发已经改好，正在测试，{version} 里会带上。",
)
USAGE: Mapping[str, tuple[str, ...]] = {
    "quit": ("是平板的省电模式把 App 停了，把它加到白名单就可以。", "存储空间不足，清理以后重新下载课件就好。"),
    "freeze": ("教室的网络挡住了 App 用的端口，已请网络管理员放开。", "开着的 App 太多，全部关掉再打开就不卡了。"),
    "black": ("系统版本太旧，升级到最新后正常。", "显示缩放调得太大，改回默认就有画面。"),
    "silent": ("音量键旁边的静音打开了，关掉就有声音。", "系统设置里把麦克风和声音的权限打开就好。"),
    "other": ("平板的日期不对，设成自动以后就正常了。", "缓存里是旧数据，退出账号再登录就对了。"),
}
"""By symptom: nothing was broken."""
CAUSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "quit": (
        ("permission", "系统升级后权限被收回，进入前没有检查。"),
        ("data", "旧课件里有空白页，渲染时出错。"),
        ("code", "切换前后台时页面没有重建，补上了判断。"),
    ),
    "freeze": (("network", "断网重连时状态没有清掉，会一直等。"), ("code", "列表一次加载太多，改成分页。")),
    "black": (
        ("compatibility", "这款机型的硬解码有问题，改为软解。"),
        ("code", "切换前后台时画布没有重建，补上了判断。"),
    ),
    "silent": (
        ("third_party", "音视频组件的新版本有缺陷，退回上一版。"),
        ("permission", "系统升级后麦克风权限被收回，没有检查。"),
    ),
    "other": (("code", "本地缓存没有随服务器更新，补上了刷新。"), ("data", "旧数据没有迁移，补迁了一次。")),
}
FIXED = (
    "{version} 已经修复，更新以后就正常了。",
    "问题找到了，{version} 今天发布，麻烦更新后再试一次。",
    "已经修好，请更新到 {version}。给大家添麻烦了。",
)
ASKED_BACK: tuple[tuple[str, str], ...] = (
    ("重装以后还会这样吗？", "重装以后还是一样。"),
    ("是每个学员账号都这样，还是只有这一个？", "只有这一个账号，换账号就好。"),
    ("出问题的时候连的是教室 WiFi 还是手机热点？", "连的是教室 WiFi，热点没问题。"),
    ("麻烦看一下“关于本机”，系统的小版本是多少？", "看过了，系统是最新的小版本。"),
)
"""What support asks, with its answer."""
HELD_UP = (
    "收到，正在看。",
    "已经交给研发，今天会有结果。",
    "在复现了，有结果马上说。",
    "这个问题我来跟，有进展就告诉你。",
)
COMMENTS = ("很快，没耽误事。", "说得很清楚。", "谢谢，家长也满意。", "等了两天，好在解决了。", "")
