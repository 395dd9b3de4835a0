"""Assistants: made, shared, copied; what one adds to a question, and that it gives nobody a right."""

from __future__ import annotations

import pytest

from apps.accounts.departments import department_create
from apps.accounts.models import AuditEvent
from apps.assistants.models import Assistant
from apps.assistants.prompting import LONGEST, instructions
from apps.cabinets.services.cabinets import cabinet_create
from tests.chatting import LEAVE, Asker, add_document
from tests.factories import Api, People
from tests.test_conversations_rest import sent  # noqa: F401 - fixture

FULL = {
    "name": "差旅助手",
    "role": "你是财务部的老师傅",
    "task": "回答差旅问题",
    "requirements": "先说金额",
    "supplement": "不谈别的",
    "examples": [{"question": "高铁几等座？", "answer": "二等座。"}],
    "questions": ["住宿标准是多少？", " ", "住宿标准是多少？"],
    "parameters": {"temperature": 0.2, "top_k": 40, "seed": 7},
}


@pytest.mark.django_db
def test_an_assistant_is_made_changed_copied_and_deleted(people: People):
    alice = Api(people.alice)
    made = alice.post(
        "assistants", {**FULL, "cabinet_ids": [str(people.cabinet.pk)], "everyone": True}
    ).json()
    assert made["questions"] == ["住宿标准是多少？"] and made["parameters"] == {
        "temperature": 0.2,
        "top_k": 40,
        "seed": 7,
    }
    path = f"assistants/{made['id']}"
    changed = alice.patch(path, {"task": "只答住宿"}).json()
    assert (changed["task"], changed["role"], changed["everyone"]) == ("只答住宿", FULL["role"], True)
    copy = Api(people.charlie).post(f"{path}/copy").json()
    assert copy["owner"] == "charlie" and copy["everyone"] is False and copy["cabinet_ids"] == []
    assert copy["task"] == "只答住宿" and copy["name"].endswith("差旅助手")
    assert alice.delete(path).status_code == 204 and alice.get(path).status_code == 404
    actions = AuditEvent.objects.filter(action__startswith="assistant.").values_list("action", flat=True)
    assert sorted(actions) == ["assistant.create", "assistant.create", "assistant.delete", "assistant.update"]


@pytest.mark.django_db
def test_it_is_seen_by_its_maker_its_departments_or_everyone(people: People):
    finance = department_create(by=None, name="Finance")
    people.alice.departments.add(finance)
    alice, bob = Api(people.alice), Api(people.bob)
    key = alice.post("assistants", {"name": "A"}).json()["id"]
    assert bob.get(f"assistants/{key}").status_code == 404
    assert Api(people.root).get(f"assistants/{key}").status_code == 404
    alice.patch(f"assistants/{key}", {"departments": ["Finance"]})
    assert bob.get(f"assistants/{key}").status_code == 404
    people.bob.departments.add(finance)
    assert bob.get(f"assistants/{key}").status_code == 200
    assert bob.patch(f"assistants/{key}", {"name": "B"}).status_code == 403
    assert (
        Api(people.charlie).post("assistants", {"name": "A", "departments": ["Finance"]}).status_code == 422
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"name": "A", "role": "x" * 1001},
        {"name": "A", "requirements": "x" * 2999, "supplement": "y" * 2999},
        {"name": "A", "examples": [{"question": "q", "answer": " "}]},
        {"name": "A", "questions": [str(number) for number in range(9)]},
        {"name": "A", "parameters": {"temperature": 3}},
        {"name": "A", "model": "no-such-model"},
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(people: People, body):
    answer = Api(people.alice).post("assistants", body)
    assert answer.status_code == 422 and answer.json()["errors"][0]["message"]
    assert not Assistant.objects.exists()


@pytest.mark.django_db
def test_a_cabinet_that_is_not_ones_own_is_not_there(people: People):
    secret = cabinet_create(by=people.charlie, name="Elsewhere")
    body = {"name": "A", "cabinet_ids": [str(secret.pk)]}
    assert Api(people.alice).post("assistants", body).status_code == 404
    theirs = Api(people.charlie).post("assistants", {**body, "everyone": True}).json()
    assert Api(people.alice).get(f"assistants/{theirs['id']}").json()["cabinet_ids"] == []


@pytest.mark.django_db
def test_instructions_name_the_fields_in_the_language_they_are_written_in(people: People):
    chinese = Assistant(role="老师傅", examples=[{"question": "几天？", "answer": "五天。"}])
    assert "角色: 老师傅" in instructions(chinese) and "问: 几天？\n答: 五天。" in instructions(chinese)
    assert "Task: Answer briefly." in instructions(Assistant(task="Answer briefly."))
    assert instructions(Assistant()) == "" and LONGEST < 6000


@pytest.mark.django_db(transaction=True)
def test_a_conversation_is_answered_as_its_assistant_says(live, knowledge, sent, model):  # noqa: F811
    alice = Api(knowledge.alice)
    made = alice.post("assistants", {**FULL, "everyone": True}).json()
    bob = Asker(live, knowledge.bob)
    conversation = bob.conversation(assistant_id=made["id"])
    assert dict(bob.ask("年休假几天？", conversation=conversation))["done"]
    assert "你是财务部的老师傅" in sent[-1]["messages"][0]["content"]
    assert (sent[-1]["temperature"], sent[-1]["top_k"], sent[-1]["seed"]) == (0.2, 40, 7)
    bob.ask("年休假几天？", conversation=conversation, parameters={"temperature": 1.0})
    assert (sent[-1]["temperature"], sent[-1]["seed"]) == (1.0, 7)
    alice.patch(f"assistants/{made['id']}", {"everyone": False})
    refused = bob.http.post(f"/api/v1/conversations/{conversation}/messages", json={"content": "?"})
    assert refused.status_code == 409 and "assistant" in refused.json()["detail"]
    bob.http.patch(f"/api/v1/conversations/{conversation}", json={"assistant_id": None})
    assert dict(bob.ask("年休假几天？", conversation=conversation))["done"]


@pytest.mark.django_db(transaction=True)
def test_it_searches_its_cabinets_within_the_rights_of_who_asks(live, knowledge, model):
    secret = cabinet_create(by=knowledge.charlie, name="Elsewhere")
    add_document(knowledge.charlie, secret.folders.get(), "密.txt", "年休假为三十天。")
    made = (
        Api(knowledge.charlie)
        .post("assistants", {"name": "A", "cabinet_ids": [str(secret.pk)], "everyone": True})
        .json()
    )
    bob, charlie = Asker(live, knowledge.bob), Asker(live, knowledge.charlie)
    sources = dict(bob.ask("年休假几天？", conversation=bob.conversation(assistant_id=made["id"])))["sources"]
    assert sources["items"] == []
    sources = dict(charlie.ask("年休假几天？", conversation=charlie.conversation(assistant_id=made["id"])))[
        "sources"
    ]
    assert [item["text"] for item in sources["items"]] == ["年休假为三十天。"]
    chosen = bob.conversation(assistant_id=made["id"], scope={"cabinet_ids": [str(knowledge.cabinet.pk)]})
    assert LEAVE in [
        item["text"] for item in dict(bob.ask("年休假几天？", conversation=chosen))["sources"]["items"]
    ]


@pytest.mark.django_db(transaction=True)
def test_an_assistant_is_a_model_for_openai_clients(live, knowledge, sent, model):  # noqa: F811
    made = Api(knowledge.alice).post("assistants", {**FULL, "everyone": True}).json()
    hidden = Api(knowledge.alice).post("assistants", {"name": "Hidden"}).json()
    bob = Asker(live, knowledge.bob)
    names = [entry["id"] for entry in bob.http.get("/v1/models").json()["data"]]
    assert f"assistant:{made['slug']}" in names and f"assistant:{hidden['slug']}" not in names
    body = {"messages": [{"role": "user", "content": "年休假几天？"}]}
    told = bob.http.post("/v1/chat/completions", json={**body, "model": f"assistant:{made['slug']}"})
    assert told.status_code == 200
    assert "你是财务部的老师傅" in sent[-1]["messages"][0]["content"] and sent[-1]["temperature"] == 0.2
    refused = bob.http.post("/v1/chat/completions", json={**body, "model": f"assistant:{hidden['slug']}"})
    assert refused.status_code == 404 and refused.json()["error"]["code"] == "model_not_found"
