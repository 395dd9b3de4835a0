"""Who may see and do what: grants to people, departments and everyone, on cabinets and on folders."""

from __future__ import annotations

import pytest
from django.http import Http404

from apps.accounts.departments import (
    department_create,
    department_ensure,
    group_create,
    group_delete,
    group_update,
)
from apps.cabinets import access
from apps.cabinets.doctor.rights import reach
from apps.cabinets.models import Cabinet, Document, Folder, Reach, Role
from apps.cabinets.selectors import folder_tree, search_scope
from apps.cabinets.services.cabinets import cabinet_create, cabinet_delete
from apps.cabinets.services.deletion import document_delete
from apps.cabinets.services.documents import document_classify
from apps.cabinets.services.folders import folder_create, folder_ensure_path, folder_move
from apps.cabinets.services.grants import Entry, folder_set_inherits, grants_set
from apps.core.problems import Problem
from tests.factories import People, upload

pytestmark = pytest.mark.django_db
MANAGE_BY_ALICE = ("user:alice", "manager")


def see(user) -> set[str]:
    return set(access.visible_documents(user).values_list("title", flat=True))


def grant(people: People, *entries: tuple[str, str], folder: Folder | None = None) -> None:
    wanted = entries if folder else (MANAGE_BY_ALICE, *entries)
    grants_set(by=people.alice, cabinet=people.cabinet, folder=folder, entries=wanted)


@pytest.fixture
def tree(people: People, hints) -> dict[str, Document]:
    """One document at the top, one in a/, one in a/b/, one in ab/ (whose name only begins the same)."""
    made = {"top": upload(people.alice, people.root_folder, "top.txt", "at the top")}
    for path in ("a", "a/b", "ab"):
        folder = folder_ensure_path(by=people.alice, root=people.root_folder, path=path)
        made[path] = upload(people.alice, folder, f"{path.replace('/', '-')}.txt", f"in {path}")
    return made


@pytest.mark.parametrize(
    ("subject", "role", "reads", "writes", "manages"),
    [
        ("user:charlie", "viewer", True, False, False),
        ("user:charlie", "contributor", True, True, False),
        ("user:charlie", "manager", True, True, True),
        ("department:Finance", "contributor", True, True, False),
        ("department:Other", "manager", False, False, False),
        ("everyone", "viewer", True, False, False),
        ("user:bob", "manager", False, False, False),
    ],
)
def test_a_role_reaches_a_person_by_each_kind_of_subject(people, subject, role, reads, writes, manages):
    department_create(by=None, name="Other")
    people.charlie.departments.add(department_create(by=None, name="Finance"))
    grant(people, (subject, role))
    reached = [
        access.folders_for(people.charlie, role=wanted).filter(cabinet=people.cabinet).exists()
        for wanted in (Role.VIEWER, Role.CONTRIBUTOR, Role.MANAGER)
    ]
    assert reached == [reads, writes, manages]
    assert access.cabinets_for(people.charlie).filter(pk=people.cabinet.pk).exists() is reads


def test_the_strongest_of_several_grants_counts(people):
    people.bob.departments.add(department_create(by=None, name="Finance"))
    grant(people, ("everyone", "viewer"), ("user:bob", "viewer"), ("department:Finance", "contributor"))
    assert access.role_in(people.bob, people.root_folder) == Role.CONTRIBUTOR
    assert access.role_in(people.charlie, people.root_folder) == Role.VIEWER


def test_a_grant_on_a_folder_reaches_its_subtree_and_nothing_beside_it(people, tree):
    grant(people, ("user:charlie", "contributor"), folder=tree["a"].folder)
    assert see(people.charlie) == {"a", "a-b"}
    assert access.folder_for(people.charlie, tree["a/b"].folder_id, role=Role.CONTRIBUTOR)
    for hidden in ("top", "ab"):
        with pytest.raises(Http404):
            access.document_for(people.charlie, tree[hidden].pk)
    shown = [folder.path for folder in folder_tree(people.charlie, people.cabinet)]
    assert shown == ["a", "a/b"]
    assert access.cabinet_roles(people.charlie, [people.cabinet]) == {people.cabinet.pk: "viewer"}


def test_a_folder_manager_does_not_manage_the_cabinet(people, tree):
    grant(people, ("user:charlie", "manager"), folder=tree["a"].folder)
    assert access.folder_for(people.charlie, tree["a/b"].folder_id, role=Role.MANAGER)
    with pytest.raises(access.Forbidden):
        access.managed_cabinet_for(people.charlie, people.cabinet.pk)


def test_an_administrator_sees_all_and_a_stranger_nothing(people, tree):
    assert see(people.root) == see(people.alice) == {"top", "a", "a-b", "ab"}
    assert see(people.charlie) == set()
    assert not access.cabinets_for(people.charlie).exists()
    assert access.managed_cabinet_for(people.root, people.cabinet.pk) == people.cabinet


@pytest.mark.parametrize("name", ["alice", "root"])
def test_a_deactivated_person_sees_nothing_at_once(people, tree, name):
    person = getattr(people, name)
    assert see(person)
    person.is_active = False
    assert see(person) == set()
    assert not access.cabinets_for(person).exists()
    assert not access.folders_for(person).exists()
    assert access.roles_in(person, [people.root_folder]) == {}
    assert search_scope(person).is_empty


@pytest.mark.parametrize("name", ["alice", "root"])
def test_a_deleted_cabinet_is_gone_for_everybody(people, tree, name):
    cabinet_delete(people.cabinet, by=people.alice)
    person = getattr(people, name)
    assert see(person) == set()
    assert not access.folders_for(person).filter(cabinet=people.cabinet).exists()
    with pytest.raises(Http404):
        access.cabinet_for(person, people.cabinet.pk)


def test_a_document_that_is_being_deleted_is_invisible_even_to_administrators(people, tree):
    document_delete(tree["top"], by=people.alice)
    assert "top" not in see(people.alice) | see(people.root)
    with pytest.raises(Http404):
        access.document_for(people.root, tree["top"].pk)


def test_what_may_be_seen_but_not_done_is_forbidden_and_what_may_not_be_seen_is_absent(people, tree):
    with pytest.raises(access.Forbidden):
        access.document_for(people.bob, tree["top"].pk, role=Role.CONTRIBUTOR)
    with pytest.raises(Http404):
        access.document_for(people.charlie, tree["top"].pk, role=Role.CONTRIBUTOR)


def test_a_revocation_acts_on_the_next_read(people, tree):
    assert see(people.bob)
    grant(people)
    assert see(people.bob) == set()
    assert search_scope(people.bob).is_empty


def test_leaving_a_department_takes_its_role_away(people, tree):
    finance = department_create(by=None, name="Finance")
    grant(people, ("department:Finance", "viewer"))
    people.charlie.departments.add(finance)
    assert see(people.charlie)
    people.charlie.departments.clear()
    assert see(people.charlie) == set()


def test_a_grant_to_a_department_holds_for_its_subtree_and_not_for_those_above(people, tree):
    people.charlie.departments.add(department_ensure("Head office/Finance/Payroll"))
    for path, reads in {
        "Head office": True,
        "Head office/Finance": True,
        "Head office/Finance/Payroll": True,
        "Head office/Finance/Payroll/Archive": False,
        "Head office/Legal": False,
    }.items():
        department_ensure(path)
        grant(people, (f"department:{path}", "viewer"))
        assert bool(see(people.charlie)) is reads, path


def test_a_grant_to_a_group_holds_for_its_members_until_they_leave(people, tree):
    group = group_create(by=people.root, name="Year book")
    grant(people, ("group:Year book", "contributor"))
    assert see(people.charlie) == set()
    group_update(group, by=people.root, members=[people.charlie])
    assert access.role_in(people.charlie, tree["a"].folder) == Role.CONTRIBUTOR
    group_update(group, by=people.root, members=[])
    assert see(people.charlie) == set()
    group_update(group, by=people.root, members=[people.charlie])
    group_delete(group, by=people.root)
    assert see(people.charlie) == set()


class TestClosedFolders:
    """A folder that breaks the inheritance is reached by its own grants and by managers of the cabinet."""

    @pytest.fixture(autouse=True)
    def closed(self, people, tree):
        folder = tree["a"].folder
        grant(people, ("user:charlie", "contributor"), folder=folder)
        folder_set_inherits(folder, by=people.alice, inherits=False, keep=False)

    def test_only_its_own_people_and_the_managers_are_left(self, people):
        assert see(people.bob) == {"top", "ab"}
        assert see(people.charlie) == {"a", "a-b"}
        assert see(people.alice) == see(people.root) == {"top", "a", "a-b", "ab"}

    def test_scope_and_roles_say_the_same(self, people, tree):
        assert search_scope(people.bob).folder_ids == {people.root_folder.pk, tree["ab"].folder_id}
        assert search_scope(people.alice).cabinet_ids == {people.cabinet.pk}
        folders = [
            people.root_folder,
            *(Folder.objects.get(pk=tree[name].folder_id) for name in ("a", "a/b")),
        ]
        assert list(access.roles_in(people.bob, folders).values()) == ["viewer"]
        assert list(access.roles_in(people.alice, folders).values()) == ["manager"] * 3
        assert list(access.roles_in(people.charlie, folders).values()) == ["contributor"] * 2

    def test_a_folder_made_below_is_closed_as_well(self, people, tree):
        made = folder_create(by=people.alice, parent=tree["a/b"].folder, name="new")
        assert made.closed
        assert not access.folders_for(people.bob).filter(pk=made.pk).exists()
        assert access.folders_for(people.charlie).filter(pk=made.pk).exists()

    def test_a_second_break_below_keeps_the_upper_grants_out(self, people, tree):
        folder_set_inherits(tree["a/b"].folder, by=people.alice, inherits=False, keep=False)
        assert see(people.charlie) == {"a"}
        folder_set_inherits(tree["a"].folder, by=people.alice, inherits=True)
        assert see(people.charlie) == {"a"}
        assert see(people.bob) == {"top", "a", "ab"}

    def test_mending_lets_the_cabinet_in_again(self, people, tree):
        folder_set_inherits(tree["a"].folder, by=people.alice, inherits=True)
        assert see(people.bob) == {"top", "a", "a-b", "ab"}

    def test_keeping_changes_nobodys_rights_at_that_moment(self, people, tree):
        grant(people, ("user:bob", "viewer"), ("everyone", "viewer"))
        before = {name: see(getattr(people, name)) for name in ("bob", "charlie", "alice")}
        folder_set_inherits(tree["ab"].folder, by=people.alice, inherits=False, keep=True)
        assert {name: see(getattr(people, name)) for name in before} == before
        grant(people)
        assert see(people.bob) == {"ab"}

    def test_a_moved_folder_takes_its_break_along_and_loses_what_was_above(self, people, tree):
        folder_move(tree["a"].folder, by=people.alice, parent=tree["ab"].folder)
        assert see(people.bob) == {"top", "ab"}
        assert see(people.charlie) == {"a", "a-b"}
        moved = folder_move(tree["a/b"].folder, by=people.alice, parent=people.root_folder)
        assert (moved.path, moved.closed) == ("b", False)
        assert see(people.charlie) == {"a"}
        assert see(people.bob) == {"top", "a-b", "ab"}

    def test_who_breaks_it_by_a_folder_role_stays_its_manager(self, people, tree):
        grant(people, ("user:bob", "manager"), folder=tree["ab"].folder)
        inner = folder_create(by=people.bob, parent=tree["ab"].folder, name="mine")
        folder_set_inherits(inner, by=people.bob, inherits=False, keep=False)
        assert access.folder_for(people.bob, inner.pk, role=Role.MANAGER)

    def test_the_root_cannot_be_closed(self, people):
        with pytest.raises(Problem):
            folder_set_inherits(people.root_folder, by=people.alice, inherits=False)


def test_reading_and_downloading_are_two_rights(people, tree):
    key = tree["top"].pk
    grants_set(
        by=people.alice,
        cabinet=people.cabinet,
        entries=[Entry("user:alice", "manager"), Entry("user:bob", "viewer", download=False)],
    )
    assert access.document_for(people.bob, key)
    with pytest.raises(access.Forbidden):
        access.document_for(people.bob, key, download=True)
    with pytest.raises(Http404):
        access.document_for(people.charlie, key, download=True)
    grant(people, Entry("everyone", "viewer"))
    assert access.document_for(people.bob, key, download=True)


class TestSecrecy:
    def test_what_is_above_the_clearance_is_not_there(self, people, tree, rag):
        people.alice.clearance = 2
        people.alice.save()
        document_classify(tree["top"], by=people.alice, secrecy=2)
        assert "top" not in see(people.bob)
        with pytest.raises(Http404):
            access.document_for(people.bob, tree["top"].pk)
        assert search_scope(people.bob, document_ids=[tree["top"].pk]).is_empty
        root = next(folder for folder in folder_tree(people.bob, people.cabinet) if folder.is_root)
        assert root.document_count == 0
        assert {"top"} <= see(people.alice) & see(people.root)

    def test_nobody_sets_a_level_above_their_own(self, people, tree):
        for level in (2, 3, 4, -1):
            with pytest.raises(Problem):
                document_classify(tree["top"], by=people.alice, secrecy=level)
        assert Document.objects.get(pk=tree["top"].pk).secrecy == 1

    def test_a_lower_clearance_acts_on_the_next_read(self, people, tree):
        people.bob.clearance = 0
        assert see(people.bob) == set()

    def test_the_same_bytes_again_do_not_open_what_is_above(self, people, tree):
        document_classify(tree["top"], by=people.root, secrecy=3)
        with pytest.raises(Problem) as refused:
            upload(people.alice, people.root_folder, "other.txt", "at the top")
        assert refused.value.status == 409

    def test_the_uploads_of_a_person_with_little_clearance_stay_readable_to_them(self, people):
        people.alice.clearance = 0
        assert upload(people.alice, people.root_folder, "mine.txt", "mine").secrecy == 0
        assert see(people.alice) == {"mine"}


def test_the_doctor_finds_and_mends_a_reach_that_is_wrong(people, tree):
    assert list(reach(repair=False)) == []
    Reach.objects.create(folder=tree["ab"].folder, source=tree["a"].folder)
    Folder.objects.filter(pk=tree["a/b"].folder_id).update(closed=True)
    assert [finding.invariant for finding in reach(repair=True)] == ["I14"]
    assert list(reach(repair=False)) == []


class TestScope:
    """The scope is what the store is asked with: it fails closed."""

    def test_nothing_asked_for_means_all_that_is_mine(self, people, tree):
        other = cabinet_create(by=people.charlie, name="Of Charlie")
        assert search_scope(people.bob).cabinet_ids == {people.cabinet.pk}
        assert search_scope(people.charlie).cabinet_ids == {other.pk}
        assert search_scope(people.root).cabinet_ids == {people.cabinet.pk, other.pk}

    def test_a_stranger_has_an_empty_scope(self, people, tree):
        assert search_scope(people.charlie).is_empty
        assert search_scope(people.charlie, document_ids=[tree["top"].pk]).is_empty

    @pytest.mark.parametrize("axis", ["cabinet_ids", "folder_ids", "document_ids"])
    def test_naming_what_is_not_mine_gives_nothing_rather_than_everything(self, people, tree, axis):
        mine = cabinet_create(by=people.charlie, name="Of Charlie")
        foreign = {
            "cabinet_ids": people.cabinet,
            "folder_ids": people.root_folder,
            "document_ids": tree["top"],
        }
        assert search_scope(people.charlie, **{axis: [foreign[axis].pk]}).is_empty
        assert search_scope(people.charlie, **{axis: []}).is_empty
        if axis == "cabinet_ids":
            both = search_scope(people.charlie, cabinet_ids=[mine.pk, people.cabinet.pk])
            assert both.cabinet_ids == {mine.pk}

    def test_a_grant_on_a_folder_names_folders_and_never_the_cabinet(self, people, tree):
        grant(people, ("user:charlie", "viewer"), folder=tree["a"].folder)
        scope = search_scope(people.charlie)
        assert scope.cabinet_ids is None
        assert scope.folder_ids == {tree["a"].folder_id, tree["a/b"].folder_id}

    def test_a_named_folder_means_its_subtree(self, people, tree):
        scope = search_scope(people.bob, folder_ids=[tree["a"].folder_id])
        assert scope.folder_ids == {tree["a"].folder_id, tree["a/b"].folder_id}

    def test_a_folder_of_another_cabinet_than_the_named_one_gives_nothing(self, people, tree):
        other: Cabinet = cabinet_create(by=people.alice, name="Second")
        scope = search_scope(people.alice, cabinet_ids=[other.pk], folder_ids=[tree["a"].folder_id])
        assert scope.is_empty
