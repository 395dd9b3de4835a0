"""Runs of golden questions: asked in the background as the cabinet is searched now, kept, compared, finished
after a cut, and never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.cabinets.models import Document
from apps.cabinets.services.cabinets import cabinet_tune
from apps.cabinets.services.grants import grants_set
from apps.core.models import Job
from apps.quality import running
from apps.quality.models import GoldenResult, GoldenRun
from apps.quality.services import Expectation, question_create
from apps.rag.errors import StoreError
from tests.chatting import add_document
from tests.factories import Api

pytestmark = pytest.mark.django_db(transaction=True)
LEAVE, HOTEL, NOBODY = "工作满十年的年休假几天？", "差旅住宿标准每天多少元？", "火星基地的预算是多少？"


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    kept: list[str] = []
    monkeypatch.setattr("apps.quality.hints.run_hint", lambda key: kept.append(str(key)))
    return kept


@pytest.fixture
def asked(knowledge, sent):
    """Three questions about the two documents: one each, and one that nothing answers."""
    for question, name, words in ((LEAVE, "休假.txt", ["十天"]), (HOTEL, "差旅.txt", ["四百元"])):
        wanted = Expectation(question, names=[name], words=words)
        question_create(by=knowledge.alice, cabinet=knowledge.cabinet, wanted=wanted)
    question_create(
        by=knowledge.alice, cabinet=knowledge.cabinet, wanted=Expectation(NOBODY, unanswerable=True)
    )
    return knowledge


def run(people, **options) -> GoldenRun:
    return running.run_now(by=people.alice, cabinet=people.cabinet, **options)


def base(people) -> str:
    return f"cabinets/{people.cabinet.pk}/golden-questions/runs"


def outcomes(made: GoldenRun) -> dict[str, GoldenResult]:
    return {result.text: result for result in made.results.all()}


def test_a_run_says_of_each_question_where_it_was_found_and_whether_it_passed(asked):
    made = run(asked)
    found = outcomes(made)
    assert (made.state, made.totals["questions"], made.totals["answerable"]) == ("succeeded", 3, 2)
    for question, document in ((LEAVE, "休假"), (HOTEL, "差旅")):
        result = found[question]
        assert (result.rank, result.cited, result.passed, result.fault) == (1, True, True, ""), question
        assert result.found[0]["title"] == document and result.found[0]["right"]
    assert found[NOBODY].rank is None
    assert found[NOBODY].passed is found[NOBODY].cited, "of what cannot be answered: that nothing is cited"
    assert made.totals["found"] == made.totals["first"] == made.totals["cited"] == 2


def test_over_rest_it_is_a_job_that_ends_with_the_totals(asked, sent):
    alice = Api(asked.alice)
    answer = alice.post(base(asked), {"label": "before the new model"})
    assert answer.status_code == 202
    job = answer.json()["job"]
    assert answer["Location"] == f"/api/v1/jobs/{job['id']}" and job["state"] == "queued"
    assert alice.post(base(asked), {}).status_code == 409, "one at a time"
    assert len(sent) == 1 and running.run_do(sent[0]) is True
    done = alice.get(f"jobs/{job['id']}").json()["job"]
    assert (done["state"], done["progress"], done["result"]["run_id"]) == ("succeeded", 1, sent[0])
    detail = alice.get(f"golden-runs/{sent[0]}").json()
    assert (detail["label"], len(detail["results"])) == ("before the new model", 3)
    assert detail["environment"]["documents"] == 2
    assert [one["id"] for one in alice.get(base(asked)).json()["items"]] == [sent[0]]


def test_a_run_obeys_the_settings_of_the_cabinet(asked):
    add_document(asked.alice, asked.root_folder, "别的.txt", "工作满十年的年休假几天由领导决定。年休假几天？")
    cabinet_tune(asked.cabinet, by=asked.alice, values={"limit": 1})
    made = run(asked)
    assert made.options["limit"] == 1
    assert all(len(result.found) <= 1 for result in made.results.all())


def test_two_runs_are_compared_question_by_question(asked):
    before = run(asked)
    Document.objects.filter(title="差旅").update(repealed_on="2020-01-01")
    cabinet_tune(asked.cabinet, by=asked.alice, values={"candidates": 40})
    after = run(asked)
    shown = Api(asked.alice).get(f"golden-runs/{after.pk}/comparison").json()
    assert shown["before"]["id"] == str(before.pk)
    assert [one["question"] for one in shown["worse"]] == [HOTEL]
    assert shown["better"] == [] and shown["same_count"] == 2
    assert [row["name"] for row in shown["differences"]] == ["candidates"]
    back = Api(asked.alice).get(f"golden-runs/{before.pk}/comparison", {"before": str(after.pk)}).json()
    assert [one["question"] for one in back["better"]] == [HOTEL]


def test_what_changed_since_a_run_is_told(asked):
    made = run(asked)
    assert running.changed_since(made) == []
    cabinet_tune(asked.cabinet, by=asked.alice, values={"limit": 5})
    add_document(asked.alice, asked.root_folder, "new.txt", "Something new.")
    assert running.changed_since(GoldenRun.objects.get(pk=made.pk)) == ["options", "documents"]


def test_a_run_that_was_cut_off_goes_on_where_it_was(asked, monkeypatch):
    made = running.run_start(by=asked.alice, cabinet=asked.cabinet)
    ask, count = running._ask, []

    def once(key, answerer):
        if count:
            raise KeyboardInterrupt
        count.append(key)
        return ask(key, answerer)

    monkeypatch.setattr(running, "_ask", once)
    with pytest.raises(KeyboardInterrupt):
        running.run_do(made.pk)
    monkeypatch.setattr(running, "_ask", ask)
    assert made.results.exclude(done_at=None).count() == 1
    assert running.run_do(made.pk) is False, "its worker may still live"
    assert running.runs_waiting() == []
    Job.objects.filter(pk=made.job_id).update(updated_at=timezone.now() - timedelta(hours=1))
    assert running.runs_waiting() == [str(made.pk)]
    first = made.results.exclude(done_at=None).get().done_at
    assert running.run_do(made.pk) is True
    made.refresh_from_db()
    assert made.totals["questions"] == 3
    assert made.results.get(number=1).done_at == first, "what was asked is not asked again"
    assert running.run_do(made.pk) is False


def test_a_run_whose_store_is_down_fails_with_a_sentence(asked, rag, monkeypatch):
    def down(*args, **options):
        raise StoreError("connection refused to 10.0.0.1")

    monkeypatch.setattr(rag.store(), "search_sparse", down)
    monkeypatch.setattr(running, "MOST_FAULTS", 2)
    made = run(asked)
    assert made.state == "failed" and made.finished_at is None
    assert made.job.error["code"] == "store_unavailable" and "10.0.0.1" not in made.job.error["message"]


def test_rights_are_asked_when_it_begins(asked):
    made = running.run_start(by=asked.alice, cabinet=asked.cabinet)
    grants_set(by=asked.root, cabinet=asked.cabinet, entries=[("user:bob", "manager")])
    running.run_do(made.pk)
    job = Job.objects.get(pk=made.job_id)
    assert (job.state, job.error["code"]) == ("failed", "forbidden")
    assert not made.results.exclude(done_at=None).exists()


def test_a_run_can_be_stopped_and_deleted(asked):
    alice = Api(asked.alice)
    made = running.run_start(by=asked.alice, cabinet=asked.cabinet)
    assert alice.post(f"golden-runs/{made.pk}/cancel").status_code == 204
    assert running.run_do(made.pk) is False
    assert alice.get(f"golden-runs/{made.pk}").json()["state"] == "cancelled"
    assert alice.delete(f"golden-runs/{made.pk}").status_code == 204
    assert not GoldenRun.objects.exists() and not Job.objects.filter(kind="golden-run").exists()


def test_without_questions_or_without_a_model_there_is_nothing_to_run(people, rag, sent):
    alice = Api(people.alice)
    assert alice.post(base(people), {}).status_code == 409
    question_create(by=people.alice, cabinet=people.cabinet, wanted=Expectation("Q1?", unanswerable=True))
    assert alice.post(base(people), {"answers": "model"}).json()["type"].endswith("no_model")


def test_with_the_chat_model_its_answer_is_judged(asked, model):
    made = run(asked, answers="model")
    assert made.environment["model"] == "cite"
    assert all(result.answer and not result.fault for result in made.results.all())
    assert outcomes(made)[LEAVE].cited


def test_a_question_that_is_deleted_meanwhile_is_left_out(asked):
    made = running.run_start(by=asked.alice, cabinet=asked.cabinet)
    asked.cabinet.golden_questions.get(question=HOTEL).delete()
    running.run_do(made.pk)
    made.refresh_from_db()
    assert made.totals["questions"] == 2
    assert made.results.count() == 3
