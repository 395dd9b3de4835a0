"""A prepared question gives what the same queryset gives, with the values and the rows of each call."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection
from django.db.models import CharField, F, UUIDField

from apps.accounts.models import User
from apps.core.prepared import Many, Prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return [User.objects.create(username=name, clearance=place) for place, name in enumerate("abc")]


def test_each_call_has_its_own_values_and_rows(people):
    named = Prepared(lambda name: User.objects.filter(username=name), name=CharField())
    assert named(name="a") == [people[0]]
    assert named(name="b") == [people[1]]
    assert named(name="nobody") == []
    User.objects.filter(username="a").update(display_name="changed")
    assert named.first(name="a").display_name == "changed"
    assert named.first(name="nobody") is None


def test_values_are_converted_both_ways(people):
    rows = Prepared(
        lambda keys: User.objects.filter(pk__in=keys).values_list("pk", "username").order_by("username"),
        keys=Many(UUIDField()),
    )
    assert rows(keys={person.pk for person in people}) == [(person.pk, person.username) for person in people]
    assert rows(keys=[people[2].pk]) == [(people[2].pk, "c")]
    assert rows(keys=[uuid.uuid4()]) == []


def test_a_list_of_any_length_finds_each_row_once(people):
    keys = Prepared(lambda keys: User.objects.filter(pk__in=keys), keys=Many(UUIDField()))
    for length in (1, 2, 3, 5, 9, 100):
        wanted = [person.pk for person in people] + [uuid.uuid4() for _ in range(length)]
        assert {person.pk for person in keys(keys=wanted)} == {person.pk for person in people}
    for length in (0, 1025):
        with pytest.raises(ValueError, match="1 to 1024"):
            keys(keys=[uuid.uuid4()] * length)


def test_constants_joins_and_slices_stay(people):
    people[0].teams.set([])
    asked = Prepared(
        lambda name: (
            User.objects.filter(clearance__gte=1, username__gte=name)
            .exclude(username=F("display_name"))
            .order_by("-username")
            .values_list("username", flat=True)[:1]
        ),
        name=CharField(),
    )
    assert asked(name="a") == ["c"]
    assert asked(name="d") == []


def test_what_can_match_nothing_asks_nothing(django_assert_num_queries):
    none = Prepared(lambda name: User.objects.none().filter(username=name), name=CharField())
    with django_assert_num_queries(0):
        assert none(name="a") == []


def test_a_hostile_value_is_only_a_value(people):
    named = Prepared(lambda name: User.objects.filter(username=name), name=CharField())
    for text in ("' OR 1=1 --", "%s", "%(name)s", "a\x00"[:1] + "'"):
        assert named(name=text) == []


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_question_and_not_the_values(people):
    named = Prepared(
        lambda name: User.objects.filter(username=name).values_list("username", flat=True), name=CharField()
    )
    wrong: list[object] = []

    def ask(name: str) -> None:
        try:
            for _ in range(50):
                if named(name=name) != [name]:
                    wrong.append(name)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(name,)) for name in "abcabc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not wrong
