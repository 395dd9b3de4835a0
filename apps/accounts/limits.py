"""Limits of people, departments and keys: which hold for a caller, and the refusal where one is reached.

Requests are counted in the cache by minute, everything else is read from the rows of the day. A limit is
looked at before the work, so that what is in flight may go over it by one answer. All rows are read at once
and kept for a minute, so that a request without limits costs no query; a change acts at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Consumption, Quota, User
from apps.core.problems import Problem

MOST_ROWS = 2000
KEPT_SECONDS = 60
CACHE_KEY = "quotas"
STORAGE_RETRY_SECONDS = 3600  # it frees itself only when somebody deletes
MEGABYTE = 1024 * 1024
FIELDS = ("requests_per_minute", "tokens_per_day", "uploads_per_day", "storage_mb")


@dataclass(frozen=True, slots=True)
class Limit:
    """One row as it holds for a caller. `kind` is person, department or key; `name` of the latter two."""

    kind: str
    user_id: UUID | None
    key_id: UUID | None
    tree: str  # of the department
    name: str
    requests_per_minute: int | None
    tokens_per_day: int | None
    uploads_per_day: int | None
    storage_mb: int | None

    def people(self, user: User) -> Collection[UUID] | QuerySet:
        """Whose use counts: the person's own, or of everybody at and below the department."""
        if self.kind == "department":
            return User.objects.filter(departments__tree__startswith=self.tree).values("pk")
        return [user.pk]

    def used_today(self, user: User) -> dict[str, int]:
        rows = Consumption.objects.filter(day=timezone.localdate(), user__in=self.people(user))
        if self.kind == "key":
            rows = rows.filter(key=self.key_id)
        found = rows.aggregate(tokens=Sum("tokens"), uploads=Sum("uploads"), questions=Sum("questions"))
        return {name: value or 0 for name, value in found.items()}

    def requests_now(self, user: User) -> int:
        return cache.get(self._counter(user)) or 0

    def count_request(self, user: User) -> bool:
        """Whether one more is allowed in this minute; it is counted either way."""
        if self.requests_per_minute is None:
            return True
        counter = self._counter(user)
        cache.add(counter, 0, 2 * KEPT_SECONDS)
        try:
            return cache.incr(counter) <= self.requests_per_minute
        except ValueError:  # evicted between the two calls
            cache.set(counter, 1, 2 * KEPT_SECONDS)
            return True

    def _counter(self, user: User) -> str:
        whom = {"department": self.tree, "key": f"key {self.key_id}"}.get(self.kind, f"user {user.pk}")
        return f"requests:{whom.replace(' ', ':')}:{int(time.time()) // 60}"


def limits_for(user: User) -> list[Limit]:
    """The person's own or the default, those of the departments above, that of the acting key."""
    rows = _all_rows()
    if not rows:
        return []
    own = [row for row in rows if row.kind == "person" and row.user_id == user.pk]
    found = own or [row for row in rows if row.kind == "person" and row.user_id is None]
    if any(row.kind == "department" for row in rows):
        trees = list(user.departments.values_list("tree", flat=True))
        found += [row for row in rows if row.tree and any(tree.startswith(row.tree) for tree in trees)]
    if user.acting_key is not None:
        found += [row for row in rows if row.key_id == user.acting_key.pk]
    return found


def _all_rows() -> list[Limit]:
    rows = cache.get(CACHE_KEY)
    if rows is None:
        found = Quota.objects.select_related("department", "key")[:MOST_ROWS]
        rows = [_limit(row) for row in found]
        cache.set(CACHE_KEY, rows, KEPT_SECONDS)
    return rows


def _limit(row: Quota) -> Limit:
    kind = "department" if row.department_id else "key" if row.key_id else "person"
    return Limit(
        kind=kind,
        user_id=row.user_id,
        key_id=row.key_id,
        tree=row.department.tree if row.department else "",
        name=str(row.department or row.key or ""),
        **{name: getattr(row, name) for name in FIELDS},
    )


def forget() -> None:
    """After a change of the rows: it acts on the next request."""
    cache.delete(CACHE_KEY)


def count_request(user: User) -> None:
    """Raises Problem 429 past the requests of this minute."""
    over = [limit for limit in limits_for(user) if not limit.count_request(user)]  # each counts
    if over:
        wait = 60 - int(time.time()) % 60
        raise Problem(429, _("Too many requests in this minute."), code="rate", retry_after=wait)


def require_tokens(user: User) -> None:
    """Raises Problem 429 where the tokens of the day are used up."""
    for limit in limits_for(user):
        if limit.tokens_per_day is not None and limit.used_today(user)["tokens"] >= limit.tokens_per_day:
            raise _used_up(_("The tokens of today are used up."))


def require_upload(user: User, *, size: int, stored: Callable[[Collection[UUID] | QuerySet], int]) -> None:
    """Raises Problem 429 past the uploads of the day, or where `size` more bytes would not fit. `stored` gives
    the bytes that these people have in the cabinets; it is asked only where there is a limit."""
    for limit in limits_for(user):
        if limit.uploads_per_day is not None and limit.used_today(user)["uploads"] >= limit.uploads_per_day:
            raise _used_up(_("The uploads of today are used up."))
        if limit.storage_mb is None or limit.kind == "key":
            continue
        if stored(limit.people(user)) + size > limit.storage_mb * MEGABYTE:
            raise Problem(
                429,
                _("The storage is used up. Delete what is not needed, then upload again."),
                code="quota",
                retry_after=STORAGE_RETRY_SECONDS,
            )


def _used_up(sentence: str) -> Problem:
    return Problem(429, sentence, code="quota", retry_after=seconds_left_today())


def seconds_left_today() -> int:
    now = timezone.localtime()
    tomorrow = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), tzinfo=now.tzinfo)
    return max(1, int((tomorrow - now).total_seconds()))


def consumption_add(user: User, *, questions: int = 0, tokens: int = 0, uploads: int = 0) -> None:
    """Count for today, for the person and the key by which they act."""
    today = timezone.localdate()
    added = {"questions": questions, "tokens": tokens, "uploads": uploads}
    more = {name: F(name) + value for name, value in added.items() if value}
    same = Consumption.objects.filter(
        Q(key=user.acting_key) if user.acting_key else Q(key=None), day=today, user=user
    )
    if more and not same.update(**more):
        Consumption.objects.get_or_create(day=today, user=user, key=user.acting_key)
        same.update(**more)
