"""Owns the specs of flow nodes: how a token arrives, does its work and leaves (BPMN 2.0.2, 13.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from engine.expressions import N_, Expression, Message
from engine.spiff.tokens import CANCELLED, LIVE, WAITING, Token, copy
from engine.spiff.trail import remember
from engine.step import StepFailed, Values

if TYPE_CHECKING:
    from engine.spiff.ad_hoc import OfferSpec
    from engine.spiff.events import BoundarySpec
    from engine.spiff.parts import Slots
    from engine.spiff.workflow import Instance


@dataclass(frozen=True)
class Out:
    """A flow leaving a node; without a condition it is always taken."""

    id: str
    target: str
    condition: Expression | None = None


class Passage(Protocol):
    """What data goes into an activity and comes out of it; each round of a repeated one has its own."""

    def enter(self, token: Token) -> None:
        """Before the activity begins and its boundary events are set.

        What only the activity shall know goes into `token.internal_data["local"]`, a JSON object, and `"alone"` is set
        true if it shall know nothing else: see `Token.known`. The token's data itself may be changed here only.
        """

    def leave(self, token: Token) -> None:
        """When the activity is done, before its visit is written: may set `token.result`, which is written to the scope
        and goes on with the token, and `token.removed`; never the token's data, as it may have children.
        """

    @property
    def only_outputs(self) -> bool:
        """Whether what is written inside ends with the activity, but for its outputs."""

    def outward(self, changed: Values, deleted: Sequence[str]) -> tuple[Values, Sequence[str]]:
        """What of that which was written inside a sub-process the scopes around it know at once."""


class Rounds(Protocol):
    """A repeated activity as a whole, or what undoes completed ones: its rounds report to it and go on nowhere."""

    is_container: bool

    def done_one(self, child: Token) -> None:
        """A round has completed."""

    def lost_one(self, child: Token) -> None:
        """An event on a round's boundary has ended it."""

    def counters(self, child: Token) -> Values:
        """What a round's inputs may know of the whole."""

    def own(self, child: Token) -> Values:
        """What nobody but the round knows: its item and its number."""


class NodeSpec(BpmnTaskSpec):
    """The base of all: predicts nothing, passes its token on along every flow whose condition holds.

    The library predicts the future of the tree at each step; with several splits in a row that grows without bound.
    """

    waits = False
    is_container = False
    by_person = False
    """Whether a person completes its tokens; else `instances.complete` refuses them."""
    by_job = False
    """Whether a job answers its tokens, or fails."""

    def __init__(self, wf_spec: Any, name: str, node: Node | None = None) -> None:
        super().__init__(wf_spec, name, manual=self.waits)
        self.node = node
        self.element: str = node.id if node else ""
        self.outs: list[Out] = []
        self.default: Out | None = None
        self.incoming = 0
        self.repeats: Rounds | None = None
        """What its tokens are done for, one after another or at once; what they write is their own till then."""
        self.boundaries: list[BoundarySpec] = []
        self.passage: Passage | None = None
        self.slots: Slots = ()
        """What its tokens wait for."""
        self.undoable = False
        """Whether it leaves a record when it has completed: it has a compensation handler."""
        self.offer: OfferSpec | None = None
        """What it is done for: the ad-hoc sub-process around it, which may be over then."""
        self.watched = False
        """Whether its waiting tokens are to be known to the instance by name, also after loading: see `watch`."""

    def _predict(self, *_args: Any, **_options: Any) -> None:
        """Nothing: children are made when their parent completes."""

    def _update(self, my_task: Token) -> None:
        """A token arrives."""
        if self.passage is not None:
            self.passage.enter(my_task)
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: Token) -> bool | None:
        """What an arriving token does first; True lets it run at once."""
        return True

    def _on_ready(self, my_task: Token) -> None:
        self.arm(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        """Its work; None: it is to be completed later."""
        return True

    def _on_complete(self, my_task: Token) -> None:
        """A token leaves: its visit is written, its boundary events end, its children go on."""
        self.disarm(my_task)
        if self.passage is not None:
            self.passage.leave(my_task)
        if self.undoable:
            remember(my_task)
        my_task.workflow.top_workflow.visited(my_task, "completed")
        if self.repeats is not None:
            self.repeats.done_one(my_task)
        else:
            self.go_on(my_task)

    def go_on(self, token: Token) -> None:
        """What the activity yields is written to its scope; a child goes on along each flow that is taken."""
        if written := self.written_at_end(token):
            token.workflow.write(written)
        if self.offer is not None and self.offer.stops(token):
            return
        taken = self.taken(token)
        for out in taken:
            self.pass_on(token, out, alone=len(taken) == 1 and not token._children)
        if not taken:
            token.workflow.branch_ended()

    def taken(self, token: Token) -> list[Out]:
        """The flows the token goes on along; the default one when no condition holds. Raises `StepFailed` if none."""
        others = [out for out in self.outs if out is not self.default]
        taken = [out for out in others if out.condition is None or self.holds(out.condition, token)]
        if self.default is not None and not any(out.condition for out in taken):
            taken.append(self.default)
        if self.outs and not taken:
            raise self.stuck()
        return taken

    def stuck(self) -> StepFailed:
        return StepFailed(self.element, Message(N_("None of its conditions holds, and it has no default flow.")))

    def pass_on(self, token: Token, out: Out, *, alone: bool) -> Token:
        """A child at the flow's end: with the token's own data if it goes on alone, else with a copy."""
        spec = token.workflow.spec.task_specs[out.target]
        data = token.data if alone else copy(token.look())
        child = Token(token.workflow, spec, token, via=out.id if spec.incoming > 1 else "")
        if token.result:
            data.update(token.result if alone else copy(token.result))
        for key in token.removed:
            data.pop(key, None)
        child.data = data
        self.prepare(child)
        spec._update(child)
        return child

    def prepare(self, child: Token) -> None:
        """A last word to a child before it arrives."""

    def arm(self, token: Token) -> None:
        for boundary in self.boundaries:
            boundary.arm(token)

    def disarm(self, token: Token) -> None:
        for child in token.children:
            if child._state == WAITING and child.task_spec in self.boundaries:
                child.task_spec.withdraw(child)

    def happened(self, token: Token, _slot: int, _before: Values) -> None:
        """What `token` waited for has come, in this slot; `before` is what it waited for, by slot."""
        token._ready()

    def sees(self, token: Token) -> Values:
        """What the expressions may read that say what a token waits for."""
        return token.known()

    def lane_of(self, token: Token) -> str:
        """The lane it stands in, else the one that its scope was begun in."""
        return (self.node.lane if self.node else "") or str(token.workflow.lane)

    def watch(self, token: Token) -> None:
        """Has a waiting token looked at whenever data may have changed."""
        token.workflow.top_workflow.watch(token)

    def stands_by(self, _token: Token) -> bool:
        """Whether a live token keeps nothing open: it waits for something that may never come."""
        return False

    def interrupt(self, token: Token) -> None:
        """An event on its boundary ends the activity; what it has yielded so far stays."""
        if written := self.written_at_end(token):
            token.workflow.write(written)
        self.disarm(token)
        self.withdraw(token)
        if self.repeats is not None:
            self.repeats.lost_one(token)

    def written_at_end(self, token: Token) -> Values:
        """What its completing writes to the scope's data."""
        return token.result

    def changes_so_far(self, _token: Token) -> Values:
        """What the activity has changed before it ends; an event on its boundary takes it along."""
        return {}

    def withdraw(self, token: Token) -> None:
        """Ends a token that will not go on: cancelled, interrupted, or no longer waited for."""
        if token._state & LIVE:
            token._set_state(CANCELLED)
            token.workflow.top_workflow.visited(token, "cancelled")

    def holds(self, condition: Expression, token: Token) -> bool:
        return condition.is_true(self.evaluate(condition, token))

    def evaluate(self, expression: Expression, token: Token, extra: Values | None = None) -> Any:
        instance: Instance = token.workflow.top_workflow
        return instance.evaluate(expression, {**token.known(), **(extra or {})}, self.element)


class BeginSpec(NodeSpec):
    """Where a scope begins: at the chosen start event; else at those without a trigger, or where nothing leads to."""

    def taken(self, token: Token) -> list[Out]:
        chosen, at = token.peek().get("start"), token.peek().get("at")
        if at is not None:
            return [Out("", at)]
        if chosen is not None:
            return [self.chosen(chosen)]
        return [out for out in self.outs if not self.triggered(token, out)] or self.outs

    def chosen(self, start_id: str) -> Out:
        for out in self.outs:
            if out.target == start_id:
                return out
        raise StepFailed(start_id, Message(N_("The process has no such start event.")))

    def triggered(self, token: Token, out: Out) -> bool:
        node = token.workflow.spec.task_specs[out.target].node
        return node is not None and node.kind is Kind.START and node.event is not None


class StartSpec(NodeSpec):
    """A start event; its trigger is the host's business (a person, a message, the clock)."""

    def _run_hook(self, my_task: Token) -> bool:
        if self.node is not None and self.node.initiator:
            instance: Instance = my_task.workflow.top_workflow
            instance.hearing.read({"requester"})
            requester = instance.world.names.get("requester") or {}
            my_task.change({self.node.initiator: requester.get("login", "")})
        return True
