"""For whom a second step of signing in is compulsory, and who has yet to set one up.

The rule acts at once: a session that did not pass a second step leads nowhere but to setting one up. What a
session passed is noted in it, so that only those who have yet to are asked for in the database. API keys go on
working: a key is made by somebody who is signed in, and a program has no second step."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts import two_step
from apps.accounts.models import SignInRule, User
from apps.accounts.trail import audit_record
from apps.core.problems import invalid

CACHE_KEY, KEPT_SECONDS = "sign_in_rule", 60
MARK = "second_step"  # in the session: what stands for the second step there
PASSED, PROVIDER = "passed", "provider"
Whom = SignInRule.Whom


@dataclass(frozen=True, slots=True)
class Rule:
    """`whom` needs a second step; `providers_too`: also who came in through a provider, which may ask for one
    of its own."""

    whom: str
    providers_too: bool

    def holds_for(self, user: User) -> bool:
        return self.whom == Whom.EVERYBODY or (self.whom == Whom.ADMINISTRATORS and user.is_superuser)


def rule() -> Rule:
    kept = cache.get(CACHE_KEY)
    if kept is None:
        row = SignInRule.objects.filter(pk=1).first() or SignInRule()
        kept = Rule(row.whom, row.providers_too)
        cache.set(CACHE_KEY, kept, KEPT_SECONDS)
    return kept


@transaction.atomic
def rule_set(*, by: User, whom: str, providers_too: bool) -> None:
    if whom not in Whom.values:
        raise invalid("whom", _("There is no such choice."))
    SignInRule.objects.update_or_create(pk=1, defaults={"whom": whom, "providers_too": providers_too})
    audit_record(by, action="sign_in.rule", detail={"second_step": whom, "providers_too": providers_too})
    _forget()
    transaction.on_commit(_forget)  # somebody may read the old row in between


def _forget() -> None:
    cache.delete(CACHE_KEY)


def is_due(request: HttpRequest) -> bool:
    """Whether this session has to set a second step up before anything else."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False  # nobody, or a program with its key
    now = rule()
    if now.whom == Whom.NOBODY or not request.user.is_authenticated or not now.holds_for(request.user):
        return False
    mark = request.session.get(MARK)
    if mark == PASSED or (mark == PROVIDER and not now.providers_too):
        return False
    if two_step.is_on(request.user):
        request.session[MARK] = PASSED  # it was turned on in another browser, or before there were marks
        return False
    return True


def is_needed_by(user: User) -> bool:
    """Whether this person may not turn it off."""
    return rule().holds_for(user)


def without(*, administrators: bool) -> QuerySet[User]:
    """Active people who have no second step."""
    found = User.objects.filter(is_active=True).exclude(two_step__confirmed_at__isnull=False)
    return (found.filter(is_superuser=True) if administrators else found).order_by("username")
