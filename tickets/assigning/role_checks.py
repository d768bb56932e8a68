"""Owns warning of roles that a file names and nobody can hold, and of people who are not here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import At, Node, Process, Report
from engine.definitions.kinds import PEOPLES
from engine.definitions.parts import Expr
from engine.definitions.wording import compile_expr
from engine.expressions import N_, ExpressionError
from engine.expressions.flow import walk
from engine.expressions.nodes import Constant, HostCall
from tickets.assigning.saying import SETTING, said
from tickets.people import Person, normal_login
from tickets.roles import Role

OF_ROLES = frozenset({"role", "round_robin", "least_loaded", "skilled"})
"""Functions whose first argument is a role."""
START_ROLES = "start.roles"
SHOWN = 40
"""Roles that a remedy lists."""
LIKE = 0.6
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """The roles there are: the keys that every word for one means, and all words, other brands' among them."""

    keys: Mapping[str, str]
    words: frozenset[str]

    @classmethod
    def to(cls, session: Session, brand_id: int, group_id: int) -> Known:
        """Those of a brand and its group. What is for the whole group may mean any brand's, which are not told."""
        query = sa.select(Role.brand_id, Role.key, Role.name_zh, Role.name_en).order_by(Role.key)
        if brand_id != group_id:
            query = query.where(Role.brand_id.in_((brand_id, group_id)))
        rows = session.execute(query).all()
        own = [row for row in rows if row.brand_id in (brand_id, group_id)]
        keys = {word: row.key for row in own for word in (row.name_en, row.name_zh)} | {row.key: row.key for row in own}
        return cls(keys, frozenset(word for row in rows for word in (row.key, row.name_zh, row.name_en.lower())))

    def has(self, name: str, *, by_key: bool) -> bool:
        """As `roles.find_role` reads it: a key, or a name, the English one in any case. Who may file is by key."""
        return name in self.keys.values() if by_key else name in self.words or name.lower() in self.words

    def near(self, name: str) -> str:
        """The key of the role that was likely meant; "" for none."""
        folded = {_folded(word): key for word, key in self.keys.items()}
        found = difflib.get_close_matches(_folded(name)[:60], list(folded), n=1, cutoff=LIKE)
        return folded[found[0]] if found else ""


@dataclass(frozen=True, slots=True)
class NamedRole:
    """A role that a file names in so many words, and where.

    `files`: whoever has it may file tickets. `person`: it may be somebody's login as well.
    """

    file: str
    element: str
    name: str
    line: int
    role: str
    files: bool = False
    person: bool = False


def named_roles(path: str, process: Process) -> list[NamedRole]:
    """Each role that a process names, once an element; what can't be read has been told of."""
    here = process.id, process.name, process.line
    found = [NamedRole(path, *here, role, files=True) for role in _parted(process.settings.get(START_ROLES, ""))]
    for node in process.scope.walk():
        if node.work is not None and (node.kind in PEOPLES or node.ad_hoc):
            at = path, node.id, node.name, node.line
            found += (NamedRole(*at, role) for role in _of_task(node))
            found += (NamedRole(*at, login, person=True) for login in _people_of(node))
    return list(dict.fromkeys(found))


def warn_of_roles(
    session: Session, named: Iterable[NamedRole], report: Report, *, brand_id: int, group_id: int
) -> None:
    """A task for a role that is none is offered to nobody: it would wait in the dispatch queue without a word."""
    named, known = list(named), Known.to(session, brand_id, group_id)
    people = _here(session, (each.role for each in named if each.person), brand_id, group_id)
    for each in named:
        if not known.has(each.role, by_key=each.files) and not (each.person and normal_login(each.role) in people):
            report.file = each.file
            _warn(report, each, known)


def _warn(report: Report, named: NamedRole, known: Known) -> None:
    problem = N_(
        "“%(name)s” is no role here, so it offers the task to nobody; where nothing else does, the task waits "
        "in the dispatch queue."
    )
    if named.files:
        problem = N_("“%(name)s” is no role's key here, so it lets nobody file tickets of this type.")
    elif named.person:
        problem = N_(
            "“%(name)s” is neither a person's login nor a role here, so it gives the task to nobody; where nothing "
            "else does, the task waits in the dispatch queue."
        )
    near = known.near(named.role)
    remedy = (
        N_("Did you mean “%(near)s”? These roles are here: %(roles)s.")
        if near
        else N_("Name one of the roles that are here, or add it under System management, Roles: %(roles)s.")
    )
    shown = tuple(sorted({*known.keys.values()}))[:SHOWN]
    at = At(named.element, named.name, named.line)
    report.warning("role-unknown", at, problem, remedy, name=named.role[:60], near=near, roles=shown)


def _of_task(node: Node) -> Iterator[str]:
    work = node.work
    assert work is not None
    for group in work.groups:
        yield from _named(group, plain=True)
    if work.assignee is not None:
        yield from _named(work.assignee)
    elif node.lane and not work.groups and not work.users:
        yield node.lane.strip()
    rule = said(node.settings.get(SETTING, ""))
    if rule is not None and (role := str(rule.args.get("role", ""))):
        yield role


def _people_of(node: Node) -> Iterator[str]:
    """Whom the task names by a plain word."""
    work = node.work
    for expr in (work.assignee, *work.users) if work is not None else ():
        if expr is not None and expr.language == "literal" and "${" not in expr.text:
            yield from _parted(expr.text)


def _here(session: Session, names: Iterable[str], brand_id: int, group_id: int) -> frozenset[str]:
    """Those of these logins that somebody of the brand or the group has; for the whole group, somebody at all."""
    logins = sorted({login for name in names if (login := normal_login(name))})
    query = sa.select(Person.login).where(Person.login.in_(logins[:MOST_PEOPLE]))
    if brand_id != group_id:
        query = query.where(Person.brand_id.in_((brand_id, group_id)))
    return frozenset(session.scalars(query)) if logins else frozenset()


def _named(expr: Expr, *, plain: bool = False) -> Iterator[str]:
    """Of an expression the constants of functions about roles; of a `plain` text the words between its commas."""
    if expr.language == "literal" and "${" not in expr.text:
        yield from _parted(expr.text) if plain else ()
        return
    try:
        tree = compile_expr(expr).tree
    except ExpressionError:
        return
    for node in walk(tree):
        match node:
            case HostCall(function=function, arguments=(Constant(value=str(role)), *_)) if function in OF_ROLES:
                yield role


def _parted(text: str) -> Iterable[str]:
    return filter(None, map(str.strip, text.split(",")))


def _folded(text: str) -> str:
    return "".join(text.lower().replace("_", " ").replace("-", " ").split())
