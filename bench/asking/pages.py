"""Owns which pages are measured: by the name of each figure, who asks for which addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from bench.asking.browser import Bench, Visit
from bench.asking.people import Cast
from bench.seeding.timeline import LONG_AT, LONG_EACH
from tickets.lists.address import write_query
from tickets.lists.query import FieldFilter, FieldOp, Sort, TicketQuery
from tickets.permissions import Permission, Scope
from tickets.ticket import OPEN, Priority, Status, Ticket

ZONE = ZoneInfo("Asia/Shanghai")
COMMON, RARE = ("登录", "课", "学员", "设备", "老师"), ("白屏", "勘误", "退费", "优惠", "印错", "投影", "锁定", "调课")
Source = Callable[[Bench, Cast], Iterable[Visit]]


def _inbox(bench: Bench, cast: Cast) -> list[Visit]:
    address = address_of(bench, "lists.inbox")
    return [Visit(each, f"{address}?view={view}") for each in cast.having(Permission.WORK) for view in VIEWS]


def _team(bench: Bench, cast: Cast) -> list[Visit]:
    return [Visit(each, f"{address_of(bench, 'lists.inbox')}?view=roles") for each in cast.team()]


def _lists(*queries: TicketQuery) -> Source:
    """Every one of the queries by people of every scope."""
    return lambda bench, cast: [_list(bench, each, query) for each in cast.having(Permission.SEE) for query in queries]


def _page(endpoint: str, permission: Permission, *scopes: Scope) -> Source:
    return lambda bench, cast: [Visit(each, address_of(bench, endpoint)) for each in cast.having(permission, *scopes)]


VIEWS = ("mine", "roles", "owned")


def address_of(bench: Bench, endpoint: str) -> str:
    """The address of a page without parts."""
    for rule in bench.app.url_map.iter_rules():
        if rule.endpoint == endpoint:
            return str(rule.rule)
    raise SystemExit(f"There is no page {endpoint} to measure.")


def _list(bench: Bench, login: str, query: TicketQuery, *columns: str) -> Visit:
    pairs = [*write_query(query, ZONE), *(("column", column) for column in columns)]
    return Visit(login, f"{address_of(bench, 'lists.tickets')}?{urlencode(pairs)}")


PLAIN = (
    TicketQuery(),
    TicketQuery(statuses=OPEN, sort=Sort.DUE),
    TicketQuery(statuses=OPEN, sort=Sort.PRIORITY),
    TicketQuery(sort=Sort.UPDATED),
    TicketQuery(overdue=True, sort=Sort.DUE),
    TicketQuery(priorities=frozenset({Priority.URGENT}), statuses=frozenset({Status.SUSPENDED})),
)
_CRASH = TicketQuery(types=("crash_report",))
_MODEL = FieldFilter("phone_model", FieldOp.IS, "iPad Pro 7")
_SYSTEM = FieldFilter("os", FieldOp.IS, "harmonyos")
_MANY = FieldFilter("affected_students", FieldOp.FROM, "25")
BY_FIELD = (
    replace(_CRASH, fields=(_MODEL,)),
    replace(_CRASH, fields=(_SYSTEM, _MANY), statuses=OPEN),
    replace(_CRASH, fields=(_SYSTEM,), sort=Sort.FIELD_DOWN, sort_field="affected_students"),
)


def _filtered(bench: Bench, cast: Cast) -> Iterator[Visit]:
    for login, campus in cast.campuses(cast.having(Permission.SEE)):
        for status in (Status.CLOSED, Status.IN_PROGRESS, Status.SUSPENDED):
            yield _list(
                bench, login, TicketQuery(types=("account_help",), statuses=frozenset({status}), places=(campus,))
            )


def _working(_bench: Bench, cast: Cast) -> list[Visit]:
    return cast.tickets(40, Ticket.status.in_([Status.IN_PROGRESS, Status.AWAITING_REQUESTER]))


def _long(_bench: Bench, cast: Cast) -> Iterator[Visit]:
    """Tickets with a thousand rows of timeline, as they open."""
    yield from cast.tickets(20, Ticket.id % LONG_EACH == LONG_AT)


def _whole_timeline(bench: Bench, cast: Cast) -> Iterator[Visit]:
    for visit in _long(bench, cast):
        yield Visit(visit.login, f"{visit.address}?events=all")


PAGES: Mapping[str, Source] = {
    "inbox": _inbox,
    "inbox_team_of_30": _team,
    "queue": _page("dispatch.index", Permission.DISPATCH),
    "tickets": _lists(*PLAIN),
    "tickets_filtered_type_status_campus": _filtered,
    "tickets_custom_field": _lists(*BY_FIELD),
    "search_two_chinese_characters": _lists(*(TicketQuery(text=word) for word in RARE)),
    "search_common_word": _lists(*(TicketQuery(text=word) for word in COMMON)),
    "ticket": _working,
    "timeline_1000_rows": _long,
    "dashboard_staff": _page("dashboard.page", Permission.SEE),
    "dashboard_group": _page("dashboard.page", Permission.SEE_REPORTS, Scope.GROUP, Scope.BRAND),
    "cc": _page("copies.index", Permission.WORK),
    "people": _page("people.index", Permission.SEE_PEOPLE),
}
"""Who asks for what, by the name of the figure."""
MORE: Mapping[str, Source] = {"timeline_whole": _whole_timeline}
"""Measured only when asked for by name."""
