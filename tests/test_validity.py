"""Suggested and confirmed metadata, and what is not in force stays out of search unless it is asked for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.cabinets.models import Document
from apps.cabinets.searching import search
from apps.cabinets.validity import in_force, today, validity_of
from apps.rag.retrieval import RetrievalOptions
from tests.factories import Api, ingest, upload
from tests.test_cabinet_pages import make_document, page_of

RULES = """# 差旅费管理办法

第一条 差旅住宿 signature 标准为每天五百元。

第二条 本办法自2024年1月1日起施行。《差旅费暂行规定》（财办〔2018〕7号）同时废止。

财务部

2023年12月5日
"""


def found(user, **asked) -> set[str]:
    result = search(user, "signature 住宿标准", options=RetrievalOptions(), **asked)
    return {passage.chunk.title for passage in result.passages}


@pytest.mark.django_db(transaction=True)
def test_reading_suggests_and_confirms_nothing(people, hints, rag):
    document = ingest(upload(people.alice, people.root_folder, "rules.md", RULES))
    shown = Api(people.alice).get(f"documents/{document.pk}").json()
    suggested = shown["suggested"]
    assert (suggested["issuer"], suggested["kind"], suggested["issued_on"]) == (
        "财务部",
        "办法",
        "2023-12-05",
    )
    assert suggested["effective_on"] == "2024-01-01"
    assert suggested["repeals"] == [{"title": "差旅费暂行规定", "number": "财办〔2018〕7号"}]
    assert (shown["confirmed_at"], shown["validity"], shown["metadata"].get("effective_on")) == (
        None,
        None,
        None,
    )
    assert document.effective_on is None


@pytest.mark.django_db
def test_what_a_person_confirms_is_kept_and_shown(people):
    document = make_document(people, "rules")
    alice = Api(people.alice)
    sent = {
        "issuer": "财务部",
        "document_number": "财办〔2024〕1号",
        "issued_on": "2023-12-05",
        "effective_on": "2024-01-01",
    }
    shown = alice.patch(f"documents/{document.pk}", {"metadata": sent}).json()
    assert shown["metadata"] == sent
    assert shown["confirmed_at"]
    assert shown["validity"] == "in_force"
    shown = alice.patch(f"documents/{document.pk}", {"metadata": {"effective_on": "", "issuer": None}}).json()
    assert set(shown["metadata"]) == {"document_number", "issued_on"}
    assert shown["validity"] is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("effective_on", "next year"),
        ("issued_on", "2024-13-01"),
        ("repealed_on", "5"),
        ("superseded_by", "no id"),
        ("superseded_by", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(people, field, value):
    document = make_document(people, "rules")
    answer = Api(people.alice).patch(f"documents/{document.pk}", {"metadata": {field: value}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.django_db
def test_a_successor_ends_the_old_one_on_its_first_day_and_must_be_visible(people):
    old, new = make_document(people, "old"), make_document(people, "new", effective_on=date(2024, 5, 1))
    alice = Api(people.alice)
    shown = alice.patch(f"documents/{old.pk}", {"metadata": {"superseded_by": str(new.pk)}}).json()
    assert (shown["metadata"]["repealed_on"], shown["validity"]) == ("2024-05-01", "superseded")
    assert shown["metadata"]["superseded_by"] == str(new.pk)
    own = alice.patch(f"documents/{old.pk}", {"metadata": {"superseded_by": str(old.pk)}})
    assert own.status_code == 422


@pytest.mark.django_db
def test_it_cannot_end_before_it_begins(people):
    document = make_document(people, "rules", effective_on=date(2024, 5, 1))
    answer = Api(people.alice).patch(f"documents/{document.pk}", {"metadata": {"repealed_on": "2024-04-30"}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "repealed_on")


def test_validity_by_day():
    day = date(2024, 5, 1)
    rules = Document(effective_on=date(2024, 1, 1), repealed_on=date(2024, 5, 1))
    assert validity_of(rules, on=date(2023, 12, 31)) == "pending"
    assert validity_of(rules, on=day - timedelta(days=1)) == "in_force"
    assert validity_of(rules, on=day) == "repealed"
    assert validity_of(Document(), on=day) == ""


@pytest.mark.django_db
def test_the_filter_and_the_word_agree_on_every_day(people):
    days = [date(2024, 1, number) for number in (1, 2, 3, 4)]
    for number, (start, end) in enumerate(
        [(None, None), (days[1], None), (None, days[2]), (days[1], days[2])]
    ):
        make_document(people, f"d{number}", effective_on=start, repealed_on=end)
    for day in days:
        kept = set(Document.objects.filter(in_force(on=day)))
        assert kept == {one for one in Document.objects.all() if validity_of(one, on=day) in ("", "in_force")}


@pytest.mark.django_db(transaction=True)
def test_search_leaves_out_what_is_not_in_force_unless_it_is_asked_for(people, hints, rag):
    documents = {
        name: ingest(
            upload(people.alice, people.root_folder, f"{name}.md", f"# {name}\n\nsignature 住宿标准 {name}.")
        )
        for name in ("current", "repealed", "coming")
    }
    day = today()
    Document.objects.filter(pk=documents["repealed"].pk).update(repealed_on=day)
    Document.objects.filter(pk=documents["coming"].pk).update(effective_on=day + timedelta(days=1))
    assert found(people.bob) == {"current"}
    assert found(people.bob, as_of=day - timedelta(days=1)) == {"current", "repealed"}
    assert found(people.bob, as_of=day + timedelta(days=1)) == {"current", "coming"}
    assert found(people.bob, any_day=True) == {"current", "repealed", "coming"}
    assert found(people.bob, document_ids=[documents["repealed"].pk]) == {"repealed"}
    body = {"query": "signature 住宿标准", "filters": {"validity": "any"}}
    titles = {item["title"] for item in Api(people.bob).post("search", body).json()["passages"]}
    assert titles == {"current", "repealed", "coming"}
    body["filters"] = {"validity": "old"}
    assert Api(people.bob).post("search", body).status_code == 422


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("en", "Repealed"), ("zh-hans", "已废止")])
def test_list_and_page_say_it_in_a_word(people, language, word):
    document = make_document(people, "old", repealed_on=date(2020, 1, 1))
    browser = page_of(people.bob, language=language)
    assert word in browser.get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    assert word in browser.get(f"/documents/{document.pk}/").content.decode()
