"""Reads what roles are called, by the keys that files and settings name them by."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.roles import Role


def role_names(
    session: Session, keys: Collection[str], *, brand_id: int, root_id: int
) -> Mapping[str, tuple[str, str]]:
    """The Chinese and English names of the brand's and the group's roles of these keys; the brand's own wins."""
    if not keys:
        return {}
    these = (Role.key.in_(sorted(keys)), Role.brand_id.in_((brand_id, root_id)))
    found = session.scalars(sa.select(Role).where(*these)).all()
    ordered = sorted(found, key=lambda role: role.brand_id == brand_id)
    return {role.key: (role.name_zh, role.name_en) for role in ordered}
