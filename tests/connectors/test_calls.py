"""Calls to another system: what is sent, what the answer becomes, errors, tries, and one effect whatever dies."""

from __future__ import annotations

from functools import partial

import pytest

from engine import jobs
from engine.models import JobStatus, StepInput
from tests.connectors.other import Say
from tests.connectors.stage import KEY, Stage, asks
from tests.engine.build import boundary, chain, end, error, start, timer
from tests.tickets.play import staff
from tickets import incidents
from tickets.connectors.asking import JOB
from tickets.connectors.calls import Sent, call
from tickets.connectors.outgoing import Outgoing
from tickets.connectors.tables import CallState
from tickets.errors import Conflict, Forbidden
from tickets.recount.walk import differences
from web.post.http_call import send


def test_a_call_is_made_after_commit_and_its_answer_is_data(stage: Stage) -> None:
    asks(
        stage.play,
        method="POST",
        url=f"{stage.other.url}/coupons/${{ticket.number}}?a=b",
        header__Authorization="Bearer ${secrets.coupon_key}",
        query='{"page": 2, "tags": ["新", "x y"], "none": None}',
        body='{"who": requester["login"], "amount": 3}',
        result='{"coupon": response["code"], "seen": status}',
    )
    stage.secret(name="coupon_key")
    stage.other.says = [Say(201, {"code": "C-1"})]
    number = stage.play.file("zhoulan")
    assert (stage.other.came, stage.play.open_tasks(number)) == ([], [])
    assert stage.calls() == 1
    assert stage.play.open_tasks(number) == ["look"]
    assert stage.play.ticket(number).data == {"coupon": "C-1", "seen": 201}
    (came,) = stage.other.came
    assert came.method == "POST"
    assert came.path == f"/coupons/{number}?a=b&page=2&tags=%E6%96%B0&tags=x+y"
    assert came.json == {"who": "zhoulan", "amount": 3}
    assert came.headers["authorization"] == f"Bearer {KEY}"
    assert came.headers["content-type"] == "application/json"
    assert came.headers["idempotency-key"].startswith(f"{number}-")
    assert came.headers["host"] == f"127.0.0.1:{stage.other.port}"
    row = stage.kept(number)
    assert (row.state, row.status, row.host, row.attempts) == (CallState.DONE, 201, "127.0.0.1", 1)
    assert row.request is None


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (Say(200, {"a": [1, None]}), {"a": [1, None]}),
        (Say(200, "好".encode(), {"Content-Type": "text/plain; charset=utf-8"}), "好"),
        (Say(200, "好".encode("gbk"), {"Content-Type": "text/plain; charset=gbk"}), "好"),
        (Say(200, b"\xff\x00", {"Content-Type": "text/plain; charset=klingon"}), "\ufffd\ufffd"),
        (Say(200, b"{no json", {"Content-Type": "application/json"}), "{no json"),
        (Say(204, b""), None),
    ],
)
def test_an_answer_is_json_or_text(stage: Stage, answer: Say, kept: object) -> None:
    asks(stage.play, url=stage.other.url, result="answer")
    stage.other.says = [answer]
    number = stage.play.file("zhoulan")
    stage.calls()
    assert stage.play.ticket(number).data == {"answer": kept}


def said(stage: Stage, number: str) -> list[object]:
    """What the recount finds wrong with a ticket."""
    return [one for one in differences(stage.play.runtime) if one.ticket == number]


def caught(stage: Stage, **http: str) -> str:
    """A ticket whose call has an error event that catches `bad`."""
    asks(
        stage.play,
        boundary("refused", "call", error("e_bad", camunda__errorMessageVariable="why")),
        staff("mend"),
        end("over"),
        chain("refused", "mend", "over"),
        url=stage.other.url,
        **http,
    )
    number = stage.play.file("zhoulan")
    stage.calls()
    return number


@pytest.mark.parametrize(
    "said", ["422 -> bad", "4xx -> bad", 'response["error"] == "limit" -> bad', "500->x; 422 → bad"]
)
def test_an_error_that_is_caught_goes_there_with_its_words(stage: Stage, said: str) -> None:
    stage.other.says = [Say(422, {"error": "limit", "message": "No more than 200."})]
    number = caught(stage, errors=said)
    assert stage.play.open_tasks(number) == ["mend"]
    assert stage.play.ticket(number).data["why"] == "HTTP 422 No more than 200."
    assert (stage.kept(number).state, stage.play.incidents(number)) == (CallState.ERROR, [])


def test_an_answer_that_is_fine_by_its_status_may_be_an_error_too(stage: Stage) -> None:
    stage.other.says = [Say(200, {"ok": False})]
    assert stage.play.open_tasks(caught(stage, errors='response["ok"] == False -> bad')) == ["mend"]


def test_an_error_that_nothing_catches_is_an_incident_and_trying_again_is_the_same_call(stage: Stage) -> None:
    stage.other.says = [Say(404, {"detail": "No such customer"}), Say(200, {"code": 7})]
    number = caught(stage, method="POST", body='{"n": ticket["number"]}', result="answer")
    (incident,) = stage.play.incidents(number)
    assert (incident.kind, incident.element, incident.params["told"]) == ("call", "call", "HTTP 404 No such customer")
    assert stage.kept(number).state == CallState.FAILED
    assert said(stage, number) == []
    with pytest.raises(Forbidden):
        incidents.retry(stage.play.runtime, stage.play.cast.actor("lina"), incident.public_id)
    incidents.retry(stage.play.runtime, stage.play.cast.guohao, incident.public_id)  # who manages connectors there
    with pytest.raises(Conflict):
        incidents.retry(stage.play.runtime, stage.play.cast.admin, incident.public_id)
    assert (stage.play.incidents(number), stage.play.instance(number).status) == ([], "active")
    assert stage.play.told(number)[-1] == "retried"
    assert said(stage, number) == []
    stage.calls()
    first, second = stage.other.came
    assert (first.body, first.headers["idempotency-key"]) == (second.body, second.headers["idempotency-key"])
    assert (stage.play.open_tasks(number), stage.play.ticket(number).data) == (["look"], {"answer": {"code": 7}})


def test_what_may_pass_is_tried_again_later_each_time_with_the_same_key(stage: Stage) -> None:
    stage.other.says = [Say(503), Say(429, headers={"Retry-After": "120"}), Say(200, {"a": 1})]
    asks(stage.play, url=stage.other.url, result="answer")
    number = stage.play.file("zhoulan")
    stage.calls()
    assert (len(stage.other.came), stage.calls()) == (1, 0)
    stage.pass_time(seconds=2)
    assert len(stage.other.came) == 2
    assert said(stage, number) == []
    stage.pass_time(seconds=119)
    assert len(stage.other.came) == 2
    stage.pass_time(seconds=1)
    assert stage.play.ticket(number).data == {"answer": {"a": 1}}
    assert len({came.headers["idempotency-key"] for came in stage.other.came}) == 1
    assert stage.kept(number).attempts == 3


def test_tries_come_to_an_end(stage: Stage) -> None:
    stage.other.usual = Say(503)
    asks(stage.play, url=stage.other.url, retries="1")
    number = stage.play.file("zhoulan")
    stage.calls()
    stage.pass_time(seconds=2)
    stage.pass_time(hours=2)
    assert len(stage.other.came) == 2
    assert [one.kind for one in stage.play.incidents(number)] == ["call"]


def test_a_system_that_is_not_there_is_an_error_of_its_own(stage: Stage) -> None:
    asks(
        stage.play,
        boundary("refused", "call", error("e_bad")),
        staff("mend"),
        chain("refused", "mend"),
        url="http://127.0.0.1:9",
        retries="0",
        errors="network -> bad",
    )
    number = stage.play.file("zhoulan")
    stage.calls()
    assert (stage.play.open_tasks(number), stage.kept(number).trouble) == (["mend"], "network")


class Killed(BaseException):
    """The process is gone."""


def test_killed_between_the_call_and_the_step_the_call_is_made_again_and_the_step_once(stage: Stage) -> None:
    asks(stage.play, url=stage.other.url, method="POST", body='{"n": ticket["number"]}', result="answer")
    number = stage.play.file("zhoulan")
    stage.other.usual = Say(200, {"n": 1})

    def die(going: Outgoing) -> Sent:
        send(stage.config.connector_hosts, going)
        raise Killed

    runtime = stage.play.runtime
    with pytest.raises(Killed):
        jobs.drain(runtime.database, {JOB: partial(call, runtime, stage.config.keyring, die)}, runtime.clock, only=True)
    assert (len(stage.other.came), stage.play.open_tasks(number)) == (1, [])
    stage.lose(number)
    stage.calls()
    first, second = stage.other.came
    assert (first.body, first.headers["idempotency-key"]) == (second.body, second.headers["idempotency-key"])
    assert stage.play.passed(number).count("call") == 1
    stage.lose(number)
    stage.calls()
    assert [job.status for job in stage.jobs(number)] == [JobStatus.DONE]
    assert len(stage.other.came) == 2
    assert stage.play.count(StepInput, StepInput.instance_id == stage.play.instance(number).id) == 2


def test_a_key_of_its_own_stays_when_the_process_asks_anew(stage: Stage) -> None:
    asks(stage.play, url=stage.other.url, key="coupon-${ticket.number}")
    number = stage.play.file("zhoulan")
    stage.calls()
    assert stage.other.came[0].headers["idempotency-key"] == f"coupon-{number}"


def test_what_can_t_be_worked_out_is_an_incident_and_nobody_is_called(stage: Stage) -> None:
    asks(stage.play, url=f"{stage.other.url}/${{nowhere}}", method="POST", body='{"a": amount + 1}')
    number = stage.play.file("zhoulan")
    stage.calls()
    assert [one.kind for one in stage.play.incidents(number)] == ["call"]
    assert stage.other.came == []


def test_an_answer_that_comes_when_the_ticket_has_moved_on_changes_nothing(stage: Stage) -> None:
    asks(
        stage.play,
        boundary("late", "call", timer("after", "PT1M")),
        staff("instead"),
        chain("late", "instead"),
        url=stage.other.url,
    )
    number = stage.play.file("zhoulan")
    stage.play.pass_time(minutes=2)
    stage.calls()
    assert (stage.other.came, stage.play.open_tasks(number)) == ([], ["instead"])


def test_the_same_call_in_three_vendors_words(stage: Stage) -> None:
    stage.secret("vendor_key")
    camunda7 = (
        "<serviceTask id='call'><extensionElements><camunda:connector><camunda:inputOutput>"
        f"<camunda:inputParameter name='url'>{stage.other.url}/seven</camunda:inputParameter>"
        "<camunda:inputParameter name='method'>POST</camunda:inputParameter>"
        "<camunda:inputParameter name='headers'><camunda:map><camunda:entry key='X-Key'>${secrets.vendor_key}"
        "</camunda:entry></camunda:map></camunda:inputParameter>"
        "<camunda:inputParameter name='payload'>{&quot;n&quot;: &quot;${ticket.number}&quot;}</camunda:inputParameter>"
        "<camunda:outputParameter name='code'>${response.code}</camunda:outputParameter>"
        "<camunda:outputParameter name='seen'>${statusCode}</camunda:outputParameter>"
        "</camunda:inputOutput><camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>"
        "</extensionElements></serviceTask>"
    )
    camunda8 = (
        "<serviceTask id='call'><extensionElements><zeebe:taskDefinition type='io.camunda:http-json:1' retries='1' />"
        "<zeebe:ioMapping><zeebe:input source='apiKey' target='authentication.type' />"
        "<zeebe:input source='X-Key' target='authentication.name' />"
        "<zeebe:input source='{{secrets.vendor_key}}' target='authentication.value' />"
        "<zeebe:input source='headers' target='authentication.apiKeyLocation' />"
        f"<zeebe:input source='POST' target='method' /><zeebe:input source='{stage.other.url}/eight' target='url' />"
        "<zeebe:input source='={n: ticket.number}' target='body' /></zeebe:ioMapping><zeebe:taskHeaders>"
        "<zeebe:header key='resultExpression' value='={code: response.body.code, seen: response.status}' />"
        "</zeebe:taskHeaders></extensionElements></serviceTask>"
    )
    spiff = (
        "<serviceTask id='call'><extensionElements><spiff:serviceTaskOperator id='http/PostRequest'"
        " resultVariable='answer'><spiff:parameters>"
        f"<spiff:parameter id='url' type='str' value='&quot;{stage.other.url}/spiff&quot;' />"
        "<spiff:parameter id='headers' type='any' value='{&quot;X-Key&quot;: &quot;SPIFF_SECRET:vendor_key&quot;}' />"
        "<spiff:parameter id='data' type='any' value='{&quot;n&quot;: ticket[&quot;number&quot;]}' />"
        "</spiff:parameters></spiff:serviceTaskOperator></extensionElements></serviceTask>"
    )
    stage.other.usual = Say(200, {"code": "C-9"})
    for task in (camunda7, camunda8, spiff):
        stage.play.define(start(), task, staff("look"), end(), chain("begin", "call", "look", "done"))
        number = stage.play.file("zhoulan")
        stage.calls()
        came = stage.other.came[-1]
        assert (came.method, came.headers["x-key"], came.json) == ("POST", KEY, {"n": number})
        data = stage.play.ticket(number).data
        assert data in ({"code": "C-9", "seen": 200}, {"answer": {"code": "C-9"}})
        assert stage.play.open_tasks(number) == ["look"]
