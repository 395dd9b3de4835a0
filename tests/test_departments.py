"""The tree of departments and the groups: paths stay right through every change."""

from __future__ import annotations

import pytest

from apps.accounts.departments import (
    department_create,
    department_delete,
    department_ensure,
    department_named,
    department_update,
    group_create,
    group_update,
)
from apps.accounts.models import AuditEvent, Department, Group
from apps.accounts.selectors import belongs
from apps.core.problems import Problem

pytestmark = pytest.mark.django_db


def paths() -> list[str]:
    for row in Department.objects.select_related("parent"):
        above = row.parent.tree if row.parent else "/"
        assert row.tree == f"{above}{row.pk}/"
        assert row.path == (f"{row.parent.path}/{row.name}" if row.parent else row.name)
    return list(Department.objects.order_by("path").values_list("path", flat=True))


def test_a_path_makes_what_is_missing_and_nothing_twice():
    department_ensure("总部/财务部/会计科")
    department_ensure("总部/财务部/出纳科")
    assert paths() == ["总部", "总部/财务部", "总部/财务部/会计科", "总部/财务部/出纳科"]
    assert department_ensure("会计科").path == "总部/财务部/会计科"
    assert department_ensure("总部/财务部").name == "财务部"
    assert AuditEvent.objects.filter(action="department.create").count() == 4


def test_a_name_that_two_departments_have_means_neither():
    department_ensure("North/Office")
    south = department_ensure("South/Office")
    assert department_named("Office") is None
    assert department_named("South/Office") == south
    assert department_ensure("Office").path == "Office"


def test_a_move_takes_the_whole_subtree_along():
    department_ensure("A/B/C")
    other = department_ensure("X")
    moved = department_update(department_named("A/B"), by=None, parent=other, name="B2")
    assert moved.path == "X/B2"
    assert paths() == ["A", "X", "X/B2", "X/B2/C"]
    department_update(moved, by=None, to_top=True)
    assert paths() == ["A", "B2", "B2/C", "X"]


@pytest.mark.parametrize(
    "change",
    [
        lambda: department_update(department_named("A"), by=None, parent=department_named("A/B")),
        lambda: department_update(department_named("A"), by=None, parent=department_named("A")),
        lambda: department_create(by=None, name="B", parent=department_named("A")),
        lambda: department_update(department_named("X"), by=None, name="A"),
        lambda: department_create(by=None, name=" \u202e "),
        lambda: department_create(by=None, name="a/b"),
        lambda: department_create(by=None, name="n" * 121),
        lambda: department_ensure("A//B"),
        lambda: department_ensure("/".join("abcdefghijklmnop")),
        lambda: department_delete(department_named("A"), by=None),
        lambda: group_create(by=None, name="project"),
    ],
)
def test_what_would_break_the_tree_is_refused_and_changes_nothing(change):
    department_ensure("A/B")
    department_ensure("X")
    group_create(by=None, name="project")
    with pytest.raises(Problem):
        change()
    assert paths() == ["A", "A/B", "X"]
    assert Group.objects.count() == 1


def test_a_person_stands_in_the_departments_above(people):
    people.bob.departments.add(department_ensure("A/B/C"), department_ensure("X"))
    department_ensure("A/Other")
    found = Department.objects.filter(pk__in=belongs(people.bob)[0])
    assert sorted(found.values_list("path", flat=True)) == ["A", "A/B", "A/B/C", "X"]
    assert belongs(people.charlie) == (set(), set())


def test_a_group_tells_the_trail_who_came_in(people):
    group = group_create(by=people.root, name="Project")
    group_update(group, by=people.root, members=[people.bob, people.alice])
    assert set(people.bob.teams.all()) == {group}
    assert AuditEvent.objects.filter(action="group.update").get().detail == {"members": ["alice", "bob"]}
