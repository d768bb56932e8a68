"""Owns how menus are kept: one row per brand, the group's for those who have none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base


class Menu(Base):
    """A brand's menu, in order: entries of ours (`key`) and links (`url`, `zh`, `en`, `icon`), each with `roles`."""

    __tablename__ = "menu"
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), primary_key=True, autoincrement=False)
    items: Mapped[list[Any]] = mapped_column(default=list)
    updated_at: Mapped[datetime]
