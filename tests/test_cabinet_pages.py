"""The pages of cabinets: who sees what, what the table shows, and what its address may ask for."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from apps.cabinets.models import Document, Folder
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.grants import grants_set
from tests.factories import People, make_user

HTMX = {"HTTP_HX_REQUEST": "true"}


def page_of(user, *, language: str = "en") -> Client:
    browser = Client(HTTP_ACCEPT_LANGUAGE=language)
    browser.force_login(user)
    return browser


def make_document(people: People, title: str, *, folder: Folder | None = None, **values) -> Document:
    folder = folder or people.root_folder
    defaults = {"status": "ready", "active_generation": 1, "size": 2048, "created_by": people.alice}
    values = {**defaults, "media_type": "application/pdf", **values}
    return Document.objects.create(
        cabinet_id=folder.cabinet_id, folder=folder, title=title, filename=f"{title}.pdf",
        sha256=uuid.uuid4().hex * 2, **values,
    )  # fmt: skip


def addresses(people: People) -> list[str]:
    folder = folder_create(by=people.alice, parent=people.root_folder, name="Travel")
    base = f"/cabinets/{people.cabinet.pk}"
    return ["/cabinets/", f"{base}/", f"{base}/folders/{folder.pk}/", f"{base}/members/", "/search/"]


def test_every_page_asks_strangers_to_sign_in(people):
    for address in addresses(people):
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={address}")


def test_a_fragment_of_a_signed_out_browser_is_401_and_no_page(people):
    answer = Client().get(f"/cabinets/{people.cabinet.pk}/", **HTMX)
    assert (answer.status_code, answer["HX-Refresh"]) == (401, "true")


def test_a_cabinet_of_others_is_not_there(people):
    browser = page_of(people.charlie)
    for address in addresses(people)[1:4]:
        assert browser.get(address).status_code == 404


def test_readers_do_not_reach_the_members_page(people):
    assert page_of(people.bob).get(f"/cabinets/{people.cabinet.pk}/members/").status_code == 403


@pytest.mark.parametrize(("language", "word"), [("en", "Cabinets"), ("zh-hans", "文件柜")])
def test_the_list_shows_what_is_mine_in_my_language(people, language, word):
    cabinet_create(by=people.charlie, name="Somebody else's")
    content = page_of(people.bob, language=language).get("/cabinets/").content.decode()
    assert word in content
    assert "Rules" in content
    assert "Somebody else" not in content


def test_the_list_says_how_many_failed_and_leads_to_them(people):
    make_document(people, "Good")
    make_document(people, "Broken", status="failed", error_code="damaged")
    page = page_of(people.bob).get("/cabinets/").content.decode()
    assert f'href="/cabinets/{people.cabinet.pk}/?status=failed">1 failed</a>' in page
    assert "Up to date" not in page


def test_an_empty_list_says_the_first_step(people):
    content = page_of(make_user("newcomer")).get("/cabinets/").content.decode()
    assert "Make the first cabinet" in content


def test_the_table_names_each_state_in_words(people):
    make_document(people, "Waiting", status="queued")
    make_document(people, "Running", status="processing", stage="parse", progress=0.41)
    make_document(people, "Locked", status="failed", error_code="password")
    make_document(people, "Again", status="queued", error_code="embedder_unavailable")
    make_document(people, "Noted", warnings=["Page 3 has no text."])
    content = page_of(people.alice).get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    for word in (
        "Queued, number 1",
        "Reading 41%",
        "Failed: password on the file",
        "Will try again",
        "Ready · 1 note",
    ):
        assert word in content
    assert "Remove the password and upload it again." in content


def test_rows_ask_for_themselves_only_while_something_is_being_read(people):
    address = f"/cabinets/{people.cabinet.pk}/"
    document = make_document(people, "Running", status="processing")
    browser = page_of(people.bob)
    assert b"every 2s" in browser.get(address).content
    fragment = browser.get(f"{address}?part=rows", **HTMX).content.decode()
    assert fragment.lstrip().startswith("<tbody") and "every 2s" in fragment
    Document.objects.filter(pk=document.pk).update(status="ready")
    assert "every 2s" not in browser.get(f"{address}?part=rows", **HTMX).content.decode()


def test_a_search_looks_below_the_folder_and_says_where(people):
    deep = folder_create(by=people.alice, parent=people.root_folder, name="Travel")
    make_document(people, "Hotel limits", folder=deep)
    make_document(people, "Holidays")
    browser = page_of(people.bob)
    plain = browser.get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    assert "Holidays" in plain and "Hotel limits" not in plain
    found = browser.get(f"/cabinets/{people.cabinet.pk}/?q=hotel").content.decode()
    assert "Hotel limits" in found and "Travel" in found and "Holidays" not in found


def test_the_state_filter_shows_that_state_alone(people):
    make_document(people, "Broken", status="failed", error_code="corrupt")
    make_document(people, "Fine")
    content = page_of(people.bob).get(f"/cabinets/{people.cabinet.pk}/?status=failed").content.decode()
    assert "Broken" in content and ">Fine<" not in content


def test_the_table_is_sorted_as_asked_and_bounded(people):
    for number in range(55):
        make_document(people, f"Paper {number:02}", size=number)
    browser, address = page_of(people.bob), f"/cabinets/{people.cabinet.pk}/"
    first = browser.get(f"{address}?sort=name").context["rows"]
    assert [row.document.title for row in first][:2] == ["Paper 00", "Paper 01"]
    assert len(first) == 50
    assert len(browser.get(f"{address}?sort=name&page=2").context["rows"]) == 5
    assert browser.get(f"{address}?sort=-size").context["rows"][0].document.size == 54


@pytest.mark.parametrize(
    "asked", ["sort=password", "page=0", "page=-1", "page=²", "page=99999999", "status=evil", "q=%00"]
)
def test_nonsense_in_the_address_shows_the_table_all_the_same(people, asked):
    make_document(people, "Paper")
    assert page_of(people.bob).get(f"/cabinets/{people.cabinet.pk}/?{asked}").status_code == 200


def test_names_are_text_and_never_markup(people):
    make_document(people, "<img src=x onerror=alert(1)>")
    content = page_of(people.bob).get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    assert "<img src=x" not in content
    assert "&lt;img src=x onerror=alert(1)&gt;" in content


def test_readers_are_offered_nothing_that_changes(people):
    make_document(people, "Paper")
    reader = page_of(people.bob).get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    assert "data-select " not in reader and "data-folder=" not in reader and "data-bulk" in reader
    manager = page_of(people.alice).get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    assert "data-select " in manager and "data-folder=" in manager


def test_a_role_in_one_folder_shows_the_way_to_it_and_no_more(people):
    mine = folder_create(by=people.alice, parent=people.root_folder, name="Mine")
    folder_create(by=people.alice, parent=people.root_folder, name="Hidden")
    make_document(people, "At the top")
    make_document(people, "Inside", folder=mine)
    grants_set(
        by=people.alice, cabinet=people.cabinet, folder=mine, entries=[("user:charlie", "contributor")]
    )
    browser = page_of(people.charlie)
    top = browser.get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    assert "Mine" in top and "Hidden" not in top and "At the top" not in top
    assert b"Inside" in browser.get(f"/cabinets/{people.cabinet.pk}/folders/{mine.pk}/").content
    assert browser.get(f"/cabinets/{people.cabinet.pk}/folders/{people.root_folder.pk}/").status_code == 404


def test_a_folder_opens_only_under_its_own_cabinet(people):
    other = cabinet_create(by=people.alice, name="Other")
    folder = folder_create(by=people.alice, parent=people.root_folder, name="Travel")
    assert page_of(people.alice).get(f"/cabinets/{other.pk}/folders/{folder.pk}/").status_code == 404


def test_states_are_told_for_what_one_may_see(people):
    mine = make_document(people, "Mine", status="processing", stage="embed", progress=0.5)
    other = cabinet_create(by=people.charlie, name="Other")
    hidden = make_document(people, "Hidden", folder=other.folders.get(parent=None))
    items = (
        page_of(people.bob)
        .get("/documents/states/", {"id": [mine.pk, hidden.pk, uuid.uuid4()]})
        .json()["items"]
    )
    assert [(item["id"], item["state"], item["word"]) for item in items] == [
        (str(mine.pk), "processing", "Embedding 50%")
    ]
    assert page_of(people.bob).get("/documents/states/?id=1").status_code == 400


def test_members_show_grants_by_place(people):
    folder = folder_create(by=people.alice, parent=people.root_folder, name="Travel")
    grants_set(by=people.alice, cabinet=people.cabinet, folder=folder, entries=[("everyone", "viewer")])
    places = page_of(people.alice).get(f"/cabinets/{people.cabinet.pk}/members/").context["places"]
    assert [(place.folder and place.folder.name, len(place.grants)) for place in places] == [
        (None, 2),
        ("Travel", 1),
    ]


def test_who_may_read_nothing_is_told_so_and_not_that_nothing_was_found(people):
    page = page_of(people.charlie).get("/search/?q=leave").content.decode()
    assert "There is nothing to search yet" in page and "Try other words" not in page


def test_the_palette_knows_the_pages_of_administrators_for_them_alone(people):
    assert 'href="/audit/" data-icon' in page_of(people.root).get("/cabinets/").content.decode()
    page = page_of(people.bob).get("/cabinets/").content.decode()
    assert "/audit/" not in page and 'href="/writing/notices/" data-icon' in page
