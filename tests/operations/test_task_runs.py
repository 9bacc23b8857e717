"""What is told of each run of a task."""

import json
from collections.abc import Iterator

import pytest
from celery import Task

from config.celery import app
from config.operations import context, noticeboard
from config.operations.task_runs import hand_request_id_on
from tests.members.factories import PHONE

pytestmark = pytest.mark.django_db  # for the empty Redis


@pytest.fixture
def failing() -> Iterator[Task]:
    @app.task(name="tests.failing", shared=False)
    def failing(*, phone: str) -> None:
        raise ValueError(f"no message for {phone}")

    yield failing
    app.tasks.pop("tests.failing")


def runs() -> list[tuple[str, str, int]]:
    return [(tally.task, tally.outcome, tally.runs) for tally in noticeboard.tallies()]


def test_a_run_has_a_line_with_its_name_id_outcome_and_the_request_that_sent_it(log_lines) -> None:
    app.tasks["operations.heartbeat"].apply(task_id="t-123", headers={"request_id": "abcdefgh"})
    (line,) = [line for line in map(json.loads, log_lines()) if line["message"] == "task"]
    assert (line["task"], line["task_id"], line["outcome"]) == ("operations.heartbeat", "t-123", "success")
    assert runs() == [("operations.heartbeat", "success", 1)]
    assert context.ids() == {}


def test_a_failure_is_told_by_class_and_counted_without_what_it_was_about(failing: Task, log_lines) -> None:
    failing.apply(kwargs={"phone": PHONE})
    lines = [json.loads(line) for line in log_lines()]
    (told,) = [line for line in lines if line["message"] == "task failed"]
    assert (told["task"], told["errors"][0]["type"]) == ("tests.failing", "builtins.ValueError")
    assert runs() == [("tests.failing", "failure", 1)]
    assert [line for line in log_lines() if PHONE in line] == []


def test_a_task_is_sent_with_the_id_of_the_request() -> None:
    headers: dict[str, str] = {}
    hand_request_id_on(headers=headers)
    token = context.request_id.set("abcdefgh")
    hand_request_id_on(headers=headers)
    context.request_id.reset(token)
    assert headers == {"request_id": "abcdefgh"}
