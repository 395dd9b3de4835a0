"""The pages of the bench, of golden questions, and of what was not found: who sees them, and what they say."""

from __future__ import annotations

import re
import uuid

import pytest

from apps.cabinets.models import Document
from apps.cabinets.services.cabinets import cabinet_create, cabinet_tune
from apps.quality import running
from apps.quality.models import GoldenQuestion
from apps.quality.services import Expectation, question_create
from tests.chatting import add_document
from tests.factories import make_user
from tests.test_cabinet_pages import HTMX, page_of

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "年休假几天？"


@pytest.fixture
def asked(knowledge, monkeypatch):
    monkeypatch.setattr("apps.quality.hints.run_hint", lambda key: None)
    wanted = Expectation(QUESTION, names=["休假.txt"])
    question_create(by=knowledge.alice, cabinet=knowledge.cabinet, wanted=wanted)
    return knowledge


def text_of(user, address: str, status: int = 200, *, language: str = "en", **headers: str) -> str:
    answer = page_of(user, language=language).get(address, **headers)
    assert answer.status_code == status, address
    return answer.content.decode()


def addresses(people) -> list[str]:
    question = GoldenQuestion.objects.get()
    run = running.run_now(by=people.alice, cabinet=people.cabinet)
    key = people.cabinet.pk
    return [
        f"/search/bench/?cabinet={key}&q={QUESTION}",
        f"/search/golden/?cabinet={key}",
        f"/search/golden/new/{key}/",
        f"/search/golden/questions/{question.pk}/",
        f"/search/golden/runs/{run.pk}/",
    ]


def test_managers_alone_see_what_belongs_to_managers(asked):
    for address in addresses(asked):
        for user, status in ((asked.alice, 200), (asked.root, 200), (asked.bob, 403), (asked.charlie, 404)):
            assert page_of(user).get(address).status_code == status, (address, user)


def test_who_is_not_signed_in_is_asked_to_sign_in(asked, client):
    for address in [*addresses(asked), "/search/why/"]:
        assert client.get(address)["Location"].startswith("/login/")


@pytest.mark.parametrize("address", ["bench/?cabinet=x", "golden/?cabinet=x", "why/?document=x"])
def test_an_address_that_names_nothing_is_not_there(asked, address):
    assert page_of(asked.alice).get(f"/search/{address}").status_code == 404
    missing = address.replace("=x", f"={uuid.uuid4()}")
    assert page_of(asked.alice).get(f"/search/{missing}").status_code == 404


def test_who_manages_nothing_is_told_what_the_pages_are_for(people):
    nobody = make_user("newcomer")
    assert "You do not manage a cabinet yet" in text_of(nobody, "/search/bench/")
    assert "Questions whose answer is known" in text_of(nobody, "/search/golden/")
    assert "/search/bench/" not in text_of(nobody, "/search/")
    assert "/search/bench/" in text_of(people.alice, "/search/")


def test_the_bench_shows_each_legs_rank_and_where_the_time_went(asked):
    page = text_of(asked.alice, f"/search/bench/?q={QUESTION}")
    assert page.count('class="bench-row"') == 2
    first = page.split('class="bench-row"')[1]
    assert "休假" in first and "no. 1" in first and "Words" in first and "Ranking" in first
    assert "Asking the index" in page and "in use" in page
    assert "style=" not in page


def test_the_search_page_says_what_it_understood_and_searches_without_it_on_a_click(asked):
    page = text_of(asked.bob, "/search/?q=去年的年休假几天")
    said = re.search(r'found-understood[^>]*>(.*?)<a href="([^"]+)"', page, re.S)
    assert said and re.search(r"去年 \(\d{4}-01-01–\d{4}-12-31\)", said[1])
    plain = text_of(asked.bob, said[2].replace("&amp;", "&"))
    assert "as they are written" in plain and "去年 (" not in plain


def test_a_second_set_stands_beside_the_first_and_places_are_told(asked):
    for number in range(3):
        add_document(asked.alice, asked.root_folder, f"{number}.txt", f"年休假第{number}条。")
    page = text_of(
        asked.alice, f"/search/bench/?q={QUESTION}&compare=1&limit=3&b_limit=1&b_mode=sparse&b_rerank=off"
    )
    assert page.count('class="bench-side"') == 2
    assert "only here" in page and "Settings B" in page
    apply = re.findall(r'name="(mode|rerank|limit)" value="(\w+)"', page.split('aria-label="Result B"')[1])
    assert apply == [("mode", "sparse"), ("rerank", "false"), ("limit", "1")]


@pytest.mark.parametrize(
    "given", ["limit=0", "limit=x", "candidates=101", "dense_weight=2", "mode=magic", "candidates=3"]
)
def test_settings_that_make_no_sense_are_said_on_the_page(asked, given):
    page = text_of(asked.alice, f"/search/bench/?q={QUESTION}&{given}")
    assert 'class="notice error"' in page and "Apply to the cabinet" not in page


def test_what_is_applied_is_shown_as_in_use(asked):
    cabinet_tune(asked.cabinet, by=asked.alice, values={"limit": 1})
    page = text_of(asked.alice, f"/search/bench/?q={QUESTION}")
    assert page.count('class="bench-row"') == 1
    assert "settings of its own" in page and "Back to the product" in page


def test_a_document_is_found_by_its_name_and_explained(asked):
    document = Document.objects.get(title="休假")
    assert f"document={document.pk}" in text_of(asked.bob, "/search/why/?find=休假&q=x")
    assert "No such document" in text_of(asked.charlie, "/search/why/?find=休假")
    page = text_of(asked.bob, f"/search/why/?document={document.pk}&q={QUESTION}")
    assert "It is found, on place 1" in page and 'name="person"' not in page
    page = text_of(asked.alice, f"/search/why/?document={document.pk}&q={QUESTION}&person=charlie")
    assert "Charlie has no right to read this document." in page and "members page" in page
    assert "It is not found" in page
    assert (
        page_of(asked.bob).get(f"/search/why/?document={document.pk}&q=x&person=charlie").status_code == 403
    )


def test_a_fault_of_the_store_is_told_on_the_page(asked, rag, monkeypatch):
    from apps.rag.errors import StoreError

    def down(*args, **options):
        raise StoreError("refused by 10.0.0.1")

    document = Document.objects.get(title="休假")
    monkeypatch.setattr(rag.store(), "search_sparse", down)
    for address in (f"/search/bench/?q={QUESTION}", f"/search/why/?document={document.pk}&q={QUESTION}"):
        page = text_of(asked.alice, address)
        assert 'class="notice error"' in page and "10.0.0.1" not in page


@pytest.mark.parametrize(("language", "word"), [("en", "No questions yet"), ("zh-hans", "还没有标准问题")])
def test_a_cabinet_without_questions_names_the_first_step(people, language, word):
    page = text_of(people.alice, "/search/golden/", language=language)
    assert word in page and "Take the questions" not in page
    people.cabinet.options = {"kind": "demo"}
    people.cabinet.save()
    assert 'data-golden="samples"' in text_of(people.alice, "/search/golden/", language=language)


def test_the_list_shows_the_last_run_and_what_changed_since(asked):
    assert "These questions were never asked." in text_of(asked.alice, "/search/golden/")
    running.run_now(by=asked.alice, cabinet=asked.cabinet)
    page = text_of(asked.alice, "/search/golden/")
    assert "Last run" in page and "Place 1" in page and "Changed since then" not in page
    cabinet_tune(asked.cabinet, by=asked.alice, values={"limit": 5})
    assert "Changed since then: Search settings" in text_of(asked.alice, "/search/golden/")


def test_a_run_under_way_is_polled_and_asks_for_the_page_when_it_ends(asked):
    run = running.run_start(by=asked.alice, cabinet=asked.cabinet)
    browser, address = page_of(asked.alice), f"/search/golden/?cabinet={asked.cabinet.pk}&part=run"
    assert (
        "The run waits for a worker"
        in browser.get(f"/search/golden/?cabinet={asked.cabinet.pk}").content.decode()
    )
    part = browser.get(address, **HTMX)
    assert "<html" not in part.content.decode() and "HX-Refresh" not in part
    running.run_do(run.pk)
    assert browser.get(address, **HTMX)["HX-Refresh"] == "true"


def test_a_run_is_compared_with_the_one_before(asked):
    before = running.run_now(by=asked.alice, cabinet=asked.cabinet, label="before")
    Document.objects.filter(title="休假").update(repealed_on="2020-01-01")
    after = running.run_now(by=asked.alice, cabinet=asked.cabinet, label="after")
    page = text_of(asked.alice, f"/search/golden/runs/{after.pk}/")
    assert "1 worse" in page and "0 better" in page and "Why not found?" in page
    page = text_of(asked.alice, f"/search/golden/runs/{before.pk}/?with={after.pk}&show=failed")
    assert "1 better" in page and "Every question passed." in page
    other = cabinet_create(by=asked.alice, name="Other")
    question_create(by=asked.alice, cabinet=other, wanted=Expectation("Q1?", unanswerable=True))
    foreign = running.run_now(by=asked.alice, cabinet=other)
    assert page_of(asked.alice).get(f"/search/golden/runs/{after.pk}/?with={foreign.pk}").status_code == 404


def test_names_and_questions_are_escaped(asked):
    wanted = Expectation("<img src=x onerror=alert(1)>?", names=["<b>.txt"])
    made = question_create(by=asked.alice, cabinet=asked.cabinet, wanted=wanted)
    run = running.run_now(by=asked.alice, cabinet=asked.cabinet)
    for address in ("", f"questions/{made.pk}/", f"runs/{run.pk}/"):
        page = text_of(asked.alice, f"/search/golden/{address}")
        assert "<img" not in page and "<b>.txt" not in page
