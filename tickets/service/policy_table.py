"""Owns what the page of policies shows: what a brand promises, by type and priority, and whence each cell has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Actor
from tickets.places import Place
from tickets.roles import Role
from tickets.service.policies import of_file
from tickets.service.reach import check_sees, keeps, owners, place_seen
from tickets.service.tables import ServicePolicy
from tickets.ticket import Priority
from tickets.types import TicketType

FileOf = Callable[[int], Mapping[str, str]]
"""A definition version's properties, by its id."""
PRIORITIES = ("", *(priority.value for priority in Priority))


@dataclass(frozen=True, slots=True)
class PolicyCell:
    """What holds for a type and a priority: `own` if this very row says so, else inherited from `source`."""

    priority: str
    policy: ServicePolicy | None
    own: bool
    spans: Mapping[str, str]
    working: bool
    source: str


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A type ("": all of them) with a cell for each priority, "" first."""

    key: str
    name: str
    names: Mapping[str, str]
    cells: tuple[PolicyCell, ...]


@dataclass(frozen=True, slots=True)
class PolicyTable:
    owner: Place
    owners: tuple[Place, ...]
    editable: bool
    rows: tuple[PolicyRow, ...]


def policy_table(session: Session, actor: Actor, owner_id: UUID | None, file_of: FileOf) -> PolicyTable:
    """What a brand (or the group) promises, by type and priority; their own brand unless another is asked for."""
    check_sees(actor)
    seen = owners(session, actor)
    own = next((place for place in seen if place.id == actor.brand_id), seen[0])
    owner = place_seen(session, actor, owner_id) if owner_id else own
    owner = next((place for place in seen if place.id == owner.brand_id), own)
    brands = (owner.id, actor.root_id)
    policies = list(session.scalars(sa.select(ServicePolicy).where(ServicePolicy.brand_id.in_(brands))))
    by = {(each.brand_id, each.type_key, each.priority): each for each in policies}
    kinds = [None, *types_of(session, brands)]
    rows = (_policy_row(owner, actor.root_id, by, kind, file_of(kind.definition_id) if kind else {}) for kind in kinds)
    return PolicyTable(owner, tuple(seen), keeps(actor, owner), tuple(rows))


def types_of(session: Session, brands: Sequence[int]) -> list[TicketType]:
    """The active types there, one for each key: the brand's own before the group's."""
    query = sa.select(TicketType).where(TicketType.brand_id.in_(brands), TicketType.active)
    found: dict[str, TicketType] = {}
    for each in session.scalars(query.order_by(TicketType.name, TicketType.id)):
        if each.key not in found or each.brand_id == brands[0]:
            found[each.key] = each
    return list(found.values())


def _policy_row(
    owner: Place,
    root_id: int,
    by: Mapping[tuple[int, str, str], ServicePolicy],
    kind: TicketType | None,
    file: Mapping[str, str],
) -> PolicyRow:
    key = kind.key if kind else ""
    cells = tuple(_policy_cell(owner, root_id, by, key, priority, file) for priority in PRIORITIES)
    return PolicyRow(key, kind.name if kind else "", kind.names if kind else {}, cells)


def _policy_cell(
    owner: Place,
    root_id: int,
    by: Mapping[tuple[int, str, str], ServicePolicy],
    key: str,
    priority: str,
    file: Mapping[str, str],
) -> PolicyCell:
    asked = (key, priority)
    order = dict.fromkeys(
        (brand, *each) for brand in (owner.id, root_id) for each in (asked, (key, ""), ("", priority), ("", ""))
    )
    found = next((each for each in order if each in by), None)
    if found is None:
        terms = of_file(file)
        return PolicyCell(
            priority, None, own=False, spans=terms.spans, working=terms.working, source="file" if terms.spans else ""
        )
    policy = by[found]
    spans = {kind: span for kind, span in (("response", policy.response), ("resolution", policy.resolution)) if span}
    own = found == (owner.id, *asked)
    source = "" if own else "group" if found[0] != owner.id else "less"
    return PolicyCell(priority, policy, own, spans, policy.working, source)


def find_policy(session: Session, owner: Place, type_key: str, priority: str) -> ServicePolicy | None:
    """The policy of this very brand, type and priority."""
    wanted = {"brand_id": owner.id, "type_key": type_key, "priority": priority}
    return session.scalar(sa.select(ServicePolicy).filter_by(**wanted))


def roles_of(session: Session, brands: Sequence[int]) -> list[Role]:
    return list(session.scalars(sa.select(Role).where(Role.brand_id.in_(brands)).order_by(Role.id)))
