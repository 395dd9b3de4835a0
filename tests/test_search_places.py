"""What a search remembers of a reader's folders: read again after every change, and never what decides."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.departments import department_create, group_create, group_delete
from apps.cabinets.models import Chunk, Document, Folder, Grant
from apps.cabinets.readers import Reader, reader_of
from apps.cabinets.selectors import passages_for_hits, search_scope
from apps.cabinets.services.cabinets import cabinet_create, cabinet_delete
from apps.cabinets.services.folders import folder_create, folder_delete, folder_move
from apps.cabinets.services.grants import Entry, folder_set_inherits, grant_add, grants_set
from apps.rag.types import Hit
from tests.factories import People

pytestmark = pytest.mark.django_db


def named(user) -> tuple[set[str], set[str]]:
    """(cabinets that are searched whole, folders that are named) as the next search would."""
    scope = search_scope(user)
    whole = (scope.cabinet_ids or frozenset()) | scope.or_cabinet_ids
    folders = Folder.objects.filter(pk__in=scope.folder_ids or ())
    cabinets = Folder.objects.filter(cabinet__in=whole, parent=None)
    return set(cabinets.values_list("cabinet__name", flat=True)), set(folders.values_list("path", flat=True))


@pytest.fixture
def pay(people: People) -> Folder:
    """A folder of Rules with one below it; bob reads Rules as a whole."""
    pay = folder_create(by=people.alice, parent=people.root_folder, name="pay")
    folder_create(by=people.alice, parent=pay, name="old")
    return pay


def give(people: People, folder: Folder | None, *entries: tuple[str, str]) -> None:
    wanted = entries if folder else (("user:alice", "manager"), *entries)
    grants_set(
        by=people.alice, cabinet=people.cabinet, folder=folder, entries=[Entry(*one) for one in wanted]
    )


def test_folders_and_grants_are_read_once_while_nothing_changes(people: People, pay: Folder):
    give(people, pay, ("user:charlie", "viewer"))
    first = search_scope(people.charlie)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        again = search_scope(people.charlie)
    assert first == again and len(again.folder_ids or ()) == 2
    assert again.folder_ids is first.folder_ids, "the store knows the same set again"
    tables = " ".join(query["sql"] for query in asked)
    assert "cabinets_reach" not in tables and "cabinets_folder" not in tables
    assert len(asked) == 2, "what the person belongs to, and the cabinets"


def test_every_change_of_grants_and_folders_counts_at_the_next_search(people: People, pay: Folder):
    bob, charlie = people.bob, people.charlie
    assert (named(bob), named(charlie)) == (({"Rules"}, set()), (set(), set()))
    grant_add(by=people.alice, cabinet=people.cabinet, folder=pay, user=charlie, role="viewer")
    assert named(charlie) == (set(), {"pay", "pay/old"})
    new = folder_create(by=people.alice, parent=pay, name="new")
    assert named(charlie) == (set(), {"pay", "pay/old", "pay/new"})
    folder_set_inherits(pay, by=people.alice, inherits=False, keep=False)
    assert named(bob) == (set(), {""})
    pay.refresh_from_db()
    folder_set_inherits(pay, by=people.alice, inherits=True)
    assert named(bob) == ({"Rules"}, set())
    folder_move(Folder.objects.get(pk=new.pk), by=people.alice, parent=people.root_folder)
    assert named(charlie) == (set(), {"pay", "pay/old"})
    folder_delete(Folder.objects.get(path="pay/old"), by=people.alice)
    assert named(charlie) == (set(), {"pay"})
    give(people, pay)
    assert named(charlie) == (set(), set())
    give(people, None, ("everyone", "viewer"))
    assert named(charlie) == ({"Rules"}, set())
    cabinet_delete(people.cabinet, by=people.alice)
    assert named(charlie) == named(bob) == (set(), set())


def test_every_change_of_a_person_counts_at_the_next_search(people: People, pay: Folder):
    bob = people.bob
    house = department_create(by=None, name="House")
    office, team = department_create(by=None, name="Office", parent=house), group_create(by=None, name="Team")
    give(people, pay, ("department:House", "viewer"))
    give(people, None, ("group:Team", "viewer"))
    assert named(bob) == (set(), set())
    bob.departments.add(office)
    assert named(bob) == (set(), {"pay", "pay/old"})
    bob.teams.add(team)
    assert named(bob) == ({"Rules"}, set())
    bob.departments.clear()
    group_delete(team, by=None)
    assert named(bob) == (set(), set())
    bob.is_superuser = True
    assert named(bob) == ({"Rules"}, set())
    bob.is_active = False
    assert named(bob) == (set(), set())


def test_whole_cabinets_stand_beside_the_folders_of_others(people: People, pay: Folder):
    other = cabinet_create(by=people.charlie, name="Mine")
    give(people, pay, ("user:charlie", "viewer"))
    assert named(people.charlie) == ({"Mine"}, {"pay", "pay/old"})
    alone = search_scope(people.charlie, cabinet_ids=[other.pk])
    assert (alone.cabinet_ids, alone.folder_ids) == ({other.pk}, None)
    assert search_scope(people.charlie, cabinet_ids=[people.cabinet.pk]).or_cabinet_ids == frozenset()


def test_what_was_rolled_back_is_not_remembered(people: People, pay: Folder):
    with pytest.raises(RuntimeError), transaction.atomic():
        give(people, pay, ("user:charlie", "viewer"))
        assert named(people.charlie) == (set(), {"pay", "pay/old"})
        raise RuntimeError
    assert named(people.charlie) == (set(), set())
    give(people, Folder.objects.get(path="pay/old"), ("user:charlie", "viewer"))
    assert named(people.charlie) == (set(), {"pay/old"})


def test_a_key_of_some_cabinets_remembers_for_itself(people: People, pay: Folder):
    mine = reader_of(people.bob)
    assert search_scope(mine).cabinet_ids == {people.cabinet.pk}
    elsewhere = Reader(
        mine.pk, mine.is_active, mine.is_superuser, mine.clearance, only_cabinets=frozenset([uuid4()])
    )
    assert search_scope(elsewhere).is_empty


def test_what_is_remembered_lets_nobody_in(people: People, pay: Folder):
    """Even a change behind the services' back, which they do not hear of, is obeyed by the gate."""
    document = Document.objects.create(
        cabinet=people.cabinet, folder=pay, title="Pay", filename="pay.txt", media_type="text/plain", size=1,
        sha256="0" * 64, status="ready", active_generation=1,
    )  # fmt: skip
    chunk = Chunk.objects.create(id=uuid4(), document=document, generation=1, index=0, text="secret")
    hits = [Hit(chunk.pk, document.pk, 1, 1.0)]
    assert set(passages_for_hits(people.bob, hits)) == {chunk.pk}
    assert search_scope(people.bob).cabinet_ids == {people.cabinet.pk}
    grant_add(by=people.alice, cabinet=people.cabinet, folder=pay, user=people.bob, role="viewer")
    Grant.objects.filter(user=people.bob, folder=None).delete()
    before = search_scope(people.bob)
    Grant.objects.filter(user=people.bob).update(
        role="contributor", folder=Folder.objects.get(path="pay/old")
    )
    assert search_scope(people.bob) == before, "remembered"
    assert passages_for_hits(people.bob, hits) == {}, "and refused"
