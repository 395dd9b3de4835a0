"""Words of the organisation and of people: read into a lexicon, and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.core.problems import Problem, invalid
from apps.office.models import DictionaryEntry
from apps.office.proofreading.lexicon import Lexicon

Kind = DictionaryEntry.Kind
MOST_WORDS = 5_000  # of one owner
LONGEST = 100
LISTS = {
    "allow": Kind.ALLOW,
    "pairs": Kind.PAIR,
    "forbid": Kind.FORBID,
    "names": Kind.NAME,
    "muted": Kind.MUTE,
}


def words_for(user: User) -> QuerySet[DictionaryEntry]:
    """The person's own words and the organisation's."""
    return DictionaryEntry.objects.filter(Q(owner=user) | Q(owner=None))


def lexicon_for(user: User, *, names: Sequence[str] = ()) -> Lexicon:
    """`names` are left alone beside those in the dictionaries."""
    kinds: dict[str, dict[str, str]] = {kind: {} for kind in Kind.values}
    for kind, word, replacement in words_for(user).values_list("kind", "word", "replacement"):
        kinds[kind][word] = replacement
    return Lexicon(
        allow=frozenset(kinds[Kind.ALLOW]),
        pairs=kinds[Kind.PAIR],
        forbid=frozenset(kinds[Kind.FORBID]),
        names=frozenset({*kinds[Kind.NAME], *names}),
        muted=frozenset(kinds[Kind.MUTE]),
    )


def dictionary_of(owner: User | None) -> dict[str, object]:
    """{"allow": [word], "pairs": {wrong: right}, "forbid": […], "names": […], "muted": [rule id]}."""
    rows = DictionaryEntry.objects.filter(owner=owner).values_list("kind", "word", "replacement")[:MOST_WORDS]
    found: dict[str, object] = {}
    for name, kind in LISTS.items():
        entries = {word: replacement for row_kind, word, replacement in rows if row_kind == kind}
        found[name] = entries if kind == Kind.PAIR else list(entries)
    return found


@transaction.atomic
def dictionary_set(*, by: User, shared: bool, lists: Mapping[str, object]) -> None:
    """Replace the lists that are given, of the person or of the organisation. Raises Problem 403 where a
    person who is no administrator changes the organisation's, 422 for words that cannot be kept."""
    owner = None if shared else by
    if shared and not by.is_superuser:
        raise Problem(403, _("Only administrators change the organisation's words."), code="forbidden")
    rows = [
        DictionaryEntry(owner=owner, kind=LISTS[name], word=word, replacement=replacement)
        for name, given in lists.items()
        for word, replacement in _checked(name, given).items()
    ]
    kept = DictionaryEntry.objects.filter(owner=owner).exclude(kind__in=[LISTS[name] for name in lists])
    if len(rows) + kept.count() > MOST_WORDS:
        raise invalid("words", _("A dictionary holds at most %(most)d words.") % {"most": MOST_WORDS})
    DictionaryEntry.objects.filter(owner=owner, kind__in=[LISTS[name] for name in lists]).delete()
    DictionaryEntry.objects.bulk_create(rows, batch_size=500)
    detail = {"shared": shared, "lists": {name: len(list(given)) for name, given in lists.items()}}  # type: ignore[call-overload]
    audit_record(by, action="dictionary.set", target=by, detail=detail)


def _checked(name: str, given: object) -> dict[str, str]:
    pairs = given if isinstance(given, Mapping) else dict.fromkeys(given, "")  # type: ignore[call-overload]
    found = {str(word).strip(): str(right).strip() for word, right in pairs.items()}
    for word, right in found.items():
        if not word or len(word) > LONGEST or len(right) > LONGEST or "\0" in word + right:
            raise invalid(name, _("A word has 1 to %(most)d characters.") % {"most": LONGEST})
        if name == "pairs" and (not right or right == word):
            raise invalid(name, _("Say what “%(word)s” is to be replaced by.") % {"word": word})
    return found


def word_allow(*, by: User, word: str) -> None:
    """Into the person's own list."""
    _add(by, Kind.ALLOW, word)


def rule_mute(*, by: User, rule_id: str) -> None:
    _add(by, Kind.MUTE, rule_id)


def word_forget(*, by: User, word: str) -> bool:
    gone, _rows = DictionaryEntry.objects.filter(owner=by, kind=Kind.ALLOW, word=word.strip()).delete()
    return bool(gone)


def _add(by: User, kind: str, word: str) -> None:
    word = next(iter(_checked("allow", [word])))
    if DictionaryEntry.objects.filter(owner=by).count() >= MOST_WORDS:
        raise invalid("word", _("A dictionary holds at most %(most)d words.") % {"most": MOST_WORDS})
    DictionaryEntry.objects.get_or_create(owner=by, kind=kind, word=word)
