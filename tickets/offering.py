"""Owns working out a task's own expressions when it opens: whom it is offered to, by when, and how urgent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.definitions.model import Node, Process
from engine.definitions.parts import Expr, Work
from engine.definitions.stored import Compiled
from engine.definitions.wording import compile_expr
from engine.expressions import EvaluationError, ExpressionError, to_json
from engine.spiff.workflow import date_functions
from engine.spiff.working_time import counts_working_time
from engine.step import Opened, StepFailed, World
from engine.timing import Calendar, NotATime, parse_date, parse_duration
from tickets.assigning.choosing import Chooser
from tickets.assigning.rulebook import Rule, rulebook
from tickets.assigning.saying import SETTING, marked, said
from tickets.case import Case
from tickets.chasing import has_step
from tickets.names import Assignment, People

MOST = 50
"""Candidates gathered from the activities of an ad-hoc sub-process."""
Ask = Callable[[Expr | None], Any]


def work_of(node: Node, compiled: Compiled) -> Work:
    """Who does the task of a node: an event on an activity's boundary is asked of those who do the activity.

    What to do next in an ad-hoc sub-process is asked of all who do its activities.
    """
    own = node.work or Work()
    if node.ad_hoc is not None and node.body is not None and own == Work():
        inner = [one.work for one in node.body.walk() if one.work is not None]
        users = [user for work in inner for user in (work.assignee, *work.users) if user is not None]
        groups = [group for work in inner for group in work.groups]
        return Work(users=tuple(dict.fromkeys(users))[:MOST], groups=tuple(dict.fromkeys(groups))[:MOST])
    host = compiled.node(node.attached_to) if node.attached_to and own == Work() else None
    return host.work or own if host is not None else own


class Offering:
    """The people and the moment against which the expressions of the tasks opened by one step are worked out."""

    def __init__(
        self, session: Session, case: Case, now: datetime, *, calendar: Calendar | None, process: Process
    ) -> None:
        """`calendar` is the place's working time."""
        self.session, self.case, self.now, self.calendar = session, case, now, calendar
        self.type_key, self.settings = process.id, process.settings
        self.people = People(session, case, now)
        self.book = rulebook(session, case.rules_version)
        self.world = World(now, case.site.zone, case.names(), self.people.functions())
        self.functions = {**date_functions(self.world), **self.world.functions}

    def asker(self, opened: Opened, node: Node) -> Ask:
        """Evaluates the task's own expressions on its data; a failure stops the step at this element."""
        values = {**opened.data, **self.world.names}

        def ask(expr: Expr | None) -> Any:
            if expr is None:
                return None
            try:
                return to_json(compile_expr(expr).evaluate(values, functions=self.functions))
            except EvaluationError as error:
                raise StepFailed(node.id, error.message) from None

        return ask

    def assignment(self, opened: Opened, node: Node, work: Work, ask: Ask, *, chased: str = "") -> Assignment:
        """Whom the task is offered to: as the rules say, where there are any; else as the file's property `assign`;
        else its assignee, its candidates, or the role that its lane names.

        `chased` is the step that the task chases: who has that gets the task never as its assignee.
        """
        groups = list(_each(map(ask, work.groups))) or ([opened.lane] if opened.lane else [])
        brands = (self.case.site.brand_id, self.case.site.root_id)
        ruled = self.book.of_task(self.type_key, node.id, brands)
        found = self._by(ruled, opened, node) if ruled else None
        if found is None and (said := self._said(node, work, groups)) is not None:
            found = self._by([said], opened, node)
        if found is not None:
            return found
        wanted = ask(work.assignee)
        if (choice := marked(wanted)) is not None:
            if (found := self._by([choice], opened, node)) is not None:
                return found
            groups, wanted = [*groups, choice.args.get("role")], None
        users = list(_each(map(ask, work.users)))
        assigned = self.people.assign(wanted, groups, users)
        if not chased or assigned.assignee_id is None:
            return assigned
        if not has_step(self.session, self.case.instance_id, chased, assigned.assignee_id):
            return assigned
        return self.people.above(assigned) or self.people.assign(None, groups, users)

    def _said(self, node: Node, work: Work, groups: list[Any]) -> Rule | None:
        """What the task's or, for tasks that are given to nobody in particular, the process's property says."""
        role = next((str(each) for each in groups if isinstance(each, str)), "")
        own = node.settings.get(SETTING, "")
        text = own or ("" if work.assignee is not None else self.settings.get(SETTING, ""))
        return said(text, role=role) if text else None

    def _by(self, rules: Sequence[Rule], opened: Opened, node: Node) -> Assignment | None:
        key = f"{self.type_key}:{node.id}"
        found = Chooser(self.session, self.people, self.now, opened.data, key).choose(rules)
        if found is None:
            return None
        return Assignment(
            found.person_id, found.queue_key, offered_key=found.back_to, by_rule=found.person_id is not None
        )

    def told(self, opened: Opened, text: str) -> str:
        """What a task says of itself, with the ticket's values in it; as it is written where one is not there."""
        if "${" not in text:
            return text
        try:
            filled = compile_expr(Expr(text, "literal")).evaluate(
                {**opened.data, **self.world.names}, functions=self.functions
            )
        except (ExpressionError, EvaluationError):
            return text
        return str(filled)

    def moment(self, value: Any, node: Node) -> datetime | None:
        """A date, or a duration from now, as a due date's expression gives it; in working time where that counts."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            if text[:1] in "Pp":
                calendar = self.calendar if counts_working_time(node.settings, self.settings) else None
                return parse_duration(text).after(self.now, self.case.site.zone, calendar)
            return parse_date(text, self.case.site.zone)
        except NotATime as error:
            raise StepFailed(node.id, error.message) from None


def _each(given: Iterable[Any]) -> Iterator[Any]:
    """Candidates one by one: an expression may give a list of them, or a text with commas between them."""
    for value in given:
        if isinstance(value, str):
            yield from filter(None, map(str.strip, value.split(",")))
        elif isinstance(value, list):
            yield from value
        else:
            yield value
