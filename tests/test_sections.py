"""A question reads its passages with their sections, through the same gate as the passages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.assistants.providers import ChatModel
from apps.cabinets import validity
from apps.cabinets.selectors import neighbours_of
from apps.chat.asking import ask_once
from apps.chat.outcome import Draft, finished
from apps.chat.sourcing import find_sources
from apps.rag.sections import sources_of
from apps.rag.types import ScoredChunk
from tests.chatting import add_document, passages_of

pytestmark = pytest.mark.django_db
RULES = ("本办法适用于全体员工。", "年休假为五天，满十年为十天。", "休假须由部门经理在三个工作日内批准。")


@pytest.fixture
def leave(people, rag, hints):
    return add_document(people.alice, people.root_folder, "休假办法.txt", *RULES)


def best_source(user):
    ask = ask_once(user, content="年休假几天？", history=[], cabinet_ids=None)
    ask = replace(ask, model=ChatModel("http://127.0.0.1:9", "none"))  # it is not asked here
    return ask, find_sources(ask).sources


def test_the_section_is_read_and_the_small_passage_cited(people, leave):
    _ask, (first, *others) = best_source(people.bob)
    assert {first.passage.chunk.text} | {source.passage.chunk.text for source in others} <= set(RULES)
    together = "".join(source.text for source in (first, *others))
    assert all(together.count(rule) == 1 for rule in RULES)


def test_without_a_model_the_passages_stand_alone(people, leave):
    ask, _sources = best_source(people.bob)
    assert all(
        source.text == source.passage.chunk.text for source in find_sources(replace(ask, model=None)).sources
    )


def test_a_switched_off_neighbour_is_not_read(people, leave):
    leave.chunks.filter(index=2).update(enabled=False)
    _ask, sources = best_source(people.bob)
    assert sources and all("三个工作日" not in source.text for source in sources)


def test_neighbours_pass_the_gate_of_their_passages(people, leave):
    chunks = passages_of(leave)[:1]
    assert len(neighbours_of(people.bob, chunks, reach=4)) == 3
    assert neighbours_of(people.charlie, chunks, reach=4) == []
    assert neighbours_of(people.bob, [], reach=4) == []
    leave.repealed_on = validity.today() - timedelta(days=1)
    leave.save()
    assert neighbours_of(people.bob, chunks, reach=4, as_of=validity.today()) == []


def test_neighbours_of_a_generation_that_is_no_longer_served_are_gone(people, leave):
    chunks = passages_of(leave)[:1]
    leave.active_generation = 9
    leave.save()
    assert neighbours_of(people.bob, chunks, reach=4) == []


def test_the_quote_is_of_the_surroundings_where_only_they_say_it(people, leave):
    own, near = passages_of(leave)[1:]
    ask, _sources = best_source(people.bob)
    sources = sources_of([ScoredChunk(own, 1.0)], [near])
    draft = Draft(ask=ask, started=0, sources=sources, finish_reason="stop")
    draft.parts = ["休假由部门经理在三个工作日内批准 [1]。"]
    assert finished(draft).quotes == {1: RULES[2]}
    draft.parts = ["年休假满十年为十天 [1]。"]
    assert finished(draft).quotes == {1: RULES[1]}
