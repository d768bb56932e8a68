"""Owns the demo's pictures: small drawings that stand for photos, made when they are needed."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from PIL import Image, ImageDraw

from tickets.access import Actor
from tickets.files import store_upload
from tickets.runtime import Runtime

SIZE = (640, 480)
"""As they are drawn."""
KEPT = (480, 360)
Draw = ImageDraw.ImageDraw


def picture(runtime: Runtime, actor: Actor, name: str, of: str = "") -> dict[str, Any]:
    """The picture of that name as an upload of theirs: what a form's values hold of it. `of`: each has its own."""
    return store_upload(runtime, actor, f"{NAMES[name]}.jpg", io.BytesIO(drawn(name, of)))


@cache
def drawn(name: str, of: str = "") -> bytes:
    """A JPEG of a few kilobytes; another `of` is another picture, in another light."""
    image = _painted(name)
    if of:
        drawn_from = zlib.crc32(of.encode())
        light = Image.new("RGB", KEPT, (drawn_from & 255, drawn_from >> 8 & 255, drawn_from >> 16 & 255))
        image = Image.blend(image, light, 0.12)
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=60)
    return kept.getvalue()


@cache
def _painted(name: str) -> Image.Image:
    image = Image.new("RGB", SIZE, "#f4f1ea")
    PAINTERS[name](ImageDraw.Draw(image))
    return image.resize(KEPT, Image.Resampling.BILINEAR)


def _classroom(draw: Draw) -> None:
    draw.rectangle((0, 330, 640, 480), fill="#cdb89a")
    draw.rectangle((120, 50, 520, 230), fill="#2f5d50", outline="#8a6d4b", width=10)
    draw.line((160, 110, 330, 110), fill="#e8efe9", width=5)
    draw.line((160, 145, 420, 145), fill="#e8efe9", width=5)
    for column in range(4):
        left = 60 + column * 140
        draw.ellipse((left + 28, 268, left + 68, 308), fill=("#5b4a42", "#3d3532", "#7a5a45", "#4a4340")[column])
        draw.rounded_rectangle(
            (left + 10, 306, left + 86, 372), 18, fill=("#3f7cac", "#d98f4e", "#6b9e78", "#b0657b")[column]
        )
        draw.rectangle((left - 12, 366, left + 110, 384), fill="#9c7a55")


def _device_check(draw: Draw) -> None:
    _tablet(draw, "#1d2733")
    draw.ellipse((255, 150, 385, 280), outline="#5fc48d", width=10)
    draw.line((288, 216, 312, 242, 356, 186), fill="#5fc48d", width=12, joint="curve")
    draw.rectangle((220, 318, 420, 330), fill="#3b4c5e")
    draw.rectangle((220, 318, 372, 330), fill="#5fc48d")


def _sheet(draw: Draw) -> None:
    draw.rectangle((110, 20, 530, 460), fill="#ffffff", outline="#b9b2a5", width=2)
    draw.rectangle((200, 44, 440, 62), fill="#494641")
    for row in range(12):
        top = 90 + row * 29
        draw.line((130, top + 24, 510, top + 24), fill="#d4cec2", width=2)
        draw.rectangle((138, top + 8, 200, top + 16), fill="#8f8a80")
        if row < 10:
            points = [(300 + step * 12, top + 12 + (7 if (step * 7 + row * 3) % 5 < 2 else -5)) for step in range(9)]
            draw.line(points, fill="#25456e", width=3, joint="curve")


def _parents(draw: Draw) -> None:
    draw.rectangle((0, 340, 640, 480), fill="#b9a78c")
    draw.rectangle((210, 40, 590, 200), fill="#ffffff", outline="#8f8a80", width=4)
    for bar, height in enumerate((40, 70, 55, 96)):
        draw.rectangle((260 + bar * 70, 180 - height, 300 + bar * 70, 180), fill="#4d7fb3")
    for seat in range(6):
        left = 30 + seat * 100
        draw.ellipse((left + 22, 250, left + 66, 294), fill="#4a4340")
        draw.rounded_rectangle(
            (left, 290, left + 88, 372), 24, fill=("#64748b", "#a16207", "#7c3f58", "#3f6d6a")[seat % 4]
        )


def _report(draw: Draw) -> None:
    draw.rectangle((110, 20, 530, 460), fill="#ffffff", outline="#b9b2a5", width=2)
    draw.rectangle((140, 48, 330, 68), fill="#2f5d8a")
    for row in range(5):
        draw.rectangle((140, 96 + row * 26, 500 - row * 32, 106 + row * 26), fill="#d4cec2")
    points = [(150, 400), (230, 350), (310, 366), (390, 300), (480, 260)]
    draw.line(points, fill="#c2683f", width=6, joint="curve")
    for left, top in points:
        draw.ellipse((left - 8, top - 8, left + 8, top + 8), fill="#c2683f")


def _crash(draw: Draw) -> None:
    _tablet(draw, "#20384f")
    for row in range(3):
        for column in range(5):
            left, top = 150 + column * 74, 110 + row * 84
            draw.rounded_rectangle(
                (left, top, left + 48, top + 48),
                12,
                fill=("#e4b04a", "#6aa5d8", "#7fb685", "#c97b84", "#9a8fc4")[(row + column) % 5],
            )
    draw.rounded_rectangle((190, 190, 450, 300), 14, fill="#ffffff")
    draw.rectangle((220, 214, 360, 226), fill="#494641")
    draw.rectangle((220, 240, 420, 248), fill="#b9b2a5")
    draw.rounded_rectangle((340, 262, 430, 288), 8, fill="#2f6fb0")


def _black(draw: Draw) -> None:
    _tablet(draw, "#050505")
    draw.arc((290, 210, 350, 270), 30, 300, fill="#6d6d6d", width=6)


def _error(draw: Draw) -> None:
    _tablet(draw, "#eef2f6")
    draw.polygon(((320, 120), (400, 256), (240, 256)), fill="#e0a53d")
    draw.rectangle((314, 164, 326, 214), fill="#ffffff")
    draw.rectangle((314, 226, 326, 238), fill="#ffffff")
    draw.rectangle((220, 290, 420, 302), fill="#77808a")
    draw.rectangle((250, 316, 390, 326), fill="#b7c0c9")


def _receipt(draw: Draw) -> None:
    draw.rectangle((190, 20, 450, 460), fill="#ffffff", outline="#b9b2a5", width=2)
    draw.rectangle((240, 48, 400, 64), fill="#494641")
    for row in range(7):
        draw.rectangle((214, 100 + row * 34, 300 + (row * 17) % 50, 110 + row * 34), fill="#b9b2a5")
        draw.rectangle((370, 100 + row * 34, 426, 110 + row * 34), fill="#8f8a80")
    draw.ellipse((320, 350, 430, 440), outline="#b3392f", width=6)


def _page(draw: Draw) -> None:
    draw.polygon(((60, 60), (318, 40), (318, 440), (60, 460)), fill="#fffdf8", outline="#b9b2a5")
    draw.polygon(((322, 40), (580, 60), (580, 460), (322, 440)), fill="#fffdf8", outline="#b9b2a5")
    for row in range(9):
        draw.rectangle((90, 90 + row * 38, 280, 98 + row * 38), fill="#cfc8ba")
        draw.rectangle((350, 90 + row * 38, 540 - (row % 3) * 40, 98 + row * 38), fill="#cfc8ba")
    draw.ellipse((340, 226, 556, 300), outline="#c0392b", width=6)


def _chat(draw: Draw) -> None:
    draw.rounded_rectangle((190, 10, 450, 470), 26, fill="#ededed", outline="#2b2b2b", width=8)
    for row, (mine, width) in enumerate(((False, 130), (False, 90), (True, 120), (False, 150), (True, 80))):
        top = 60 + row * 76
        left = 430 - width if mine else 212
        draw.rounded_rectangle((left, top, left + width, top + 46), 10, fill="#8fd16f" if mine else "#ffffff")


def _tablet(draw: Draw, screen: str) -> None:
    draw.rounded_rectangle((90, 50, 550, 430), 28, fill="#26282b")
    draw.rectangle((116, 76, 524, 404), fill=screen)


PAINTERS: Mapping[str, Callable[[Draw], None]] = {
    "classroom": _classroom,
    "device": _device_check,
    "sign-in": _sheet,
    "parents": _parents,
    "report": _report,
    "crash": _crash,
    "black": _black,
    "error": _error,
    "receipt": _receipt,
    "page": _page,
    "chat": _chat,
}
NAMES: Mapping[str, str] = {
    "classroom": "开班现场",
    "device": "设备检测",
    "sign-in": "签到表",
    "parents": "家长会现场",
    "report": "阶段报告",
    "crash": "闪退截图",
    "black": "黑屏照片",
    "error": "错误提示",
    "receipt": "收据",
    "page": "教材照片",
    "chat": "聊天截图",
}
"""What the files are called."""
