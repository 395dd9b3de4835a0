"""Keeping conversations in order: folders, pins, the archive, and finding one by what was said in it."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.chat.models import Conversation, ConversationFolder, Message
from tests.factories import Api, People

pytestmark = pytest.mark.django_db


def talk(user, title: str, *said: str) -> Conversation:
    conversation = Conversation.objects.create(user=user, title=title)
    for text in said:
        Message.objects.create(conversation=conversation, role="user", content=text)
    return conversation


def titles(api: Api, **query) -> list[str]:
    return [item["title"] for item in api.get("conversations", query).json()["items"]]


@pytest.fixture
def alice(people: People) -> Api:
    return Api(people.alice)


def listed(user, query: str = "") -> str:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client.get(f"/conversations/{query}").content.decode()


def test_pinned_conversations_stand_first(people: People, alice: Api):
    old, _new = talk(people.alice, "old"), talk(people.alice, "new")
    assert alice.patch(f"conversations/{old.pk}", {"pinned": True}).json()["pinned"] is True
    page = listed(people.alice)
    assert page.index("Pinned") < page.index("old") < page.index("Today") < page.index("new")
    assert alice.patch(f"conversations/{old.pk}", {"pinned": False}).json()["pinned"] is False
    assert "Pinned" not in listed(people.alice)


def test_archived_conversations_leave_the_list_and_come_back(people: People, alice: Api):
    conversation = talk(people.alice, "done")
    alice.patch(f"conversations/{conversation.pk}", {"archived": True, "pinned": True})
    assert titles(alice) == [] and titles(alice, archived="true") == ["done"]
    assert "done" not in listed(people.alice) and "done" in listed(people.alice, "?archived=1")
    alice.patch(f"conversations/{conversation.pk}", {"archived": False})
    assert titles(alice) == ["done"]


def test_a_folder_holds_conversations_and_goes_without_them(people: People, alice: Api):
    folder = alice.post("conversation-folders", {"name": " Travel  rules "}).json()
    assert folder["name"] == "Travel rules"
    conversation = talk(people.alice, "hotel")
    talk(people.alice, "other")
    assert (
        alice.patch(f"conversations/{conversation.pk}", {"folder_id": folder["id"]}).json()["folder_id"]
        == folder["id"]
    )
    assert titles(alice, folder_id=folder["id"]) == ["hotel"]
    page = listed(people.alice, f"?folder={folder['id']}")
    assert "hotel" in page and "other" not in page
    assert alice.get("conversation-folders").json()["items"][0]["conversation_count"] == 1
    assert alice.delete(f"conversation-folders/{folder['id']}").status_code == 204
    assert sorted(titles(alice)) == ["hotel", "other"]


def test_what_is_not_named_stays(people: People, alice: Api):
    folder = ConversationFolder.objects.create(user=people.alice, name="F")
    conversation = talk(people.alice, "hotel")
    alice.patch(f"conversations/{conversation.pk}", {"folder_id": str(folder.pk), "pinned": True})
    changed = alice.patch(f"conversations/{conversation.pk}", {"title": "hotels"}).json()
    assert (changed["folder_id"], changed["pinned"]) == (str(folder.pk), True)
    assert alice.patch(f"conversations/{conversation.pk}", {"folder_id": None}).json()["folder_id"] is None


def test_a_folder_of_somebody_else_is_not_there(people: People, alice: Api):
    foreign = ConversationFolder.objects.create(user=people.bob, name="Bob's")
    conversation = talk(people.alice, "hotel")
    assert alice.patch(f"conversations/{conversation.pk}", {"folder_id": str(foreign.pk)}).status_code == 404
    assert "Bob" not in listed(people.alice)
    client = Client()
    client.force_login(people.alice)
    assert client.get(f"/conversations/?folder={foreign.pk}").status_code == 404
    assert client.get("/conversations/?folder=nonsense").status_code == 404


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_folder_needs_a_name_that_fits(alice: Api, name: str):
    assert alice.post("conversation-folders", {"name": name}).status_code == 422


def test_two_folders_cannot_have_the_same_name(alice: Api):
    alice.post("conversation-folders", {"name": "F"})
    assert alice.post("conversation-folders", {"name": "F"}).status_code == 409


def test_a_search_finds_titles_and_what_was_said_also_in_the_archive(people: People, alice: Api):
    talk(people.alice, "first", "What may a hotel cost in Shanghai at night?")
    archived = talk(people.alice, "Hotel rules", "x")
    alice.patch(f"conversations/{archived.pk}", {"archived": True})
    talk(people.alice, "third", "leave")
    talk(people.bob, "bob's", "hotel")
    assert sorted(titles(alice, q="hotel")) == ["Hotel rules", "first"]
    page = listed(people.alice, "?q=hotel")
    assert "What may a hotel cost" in page and "2 conversations with" in page and "third" not in page
    assert "No question or answer of yours" in listed(people.alice, "?q=zzz")


def test_words_that_were_found_are_escaped(people: People):
    talk(people.alice, "t", "<script>alert(1)</script> hotel")
    assert "<script>alert" not in listed(people.alice, "?q=hotel")
