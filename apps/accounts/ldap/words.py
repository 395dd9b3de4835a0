"""What a synchronisation with the directory did, in words for administrators."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.accounts.ldap import directory
from apps.accounts.models import DirectoryRun

Outcome = DirectoryRun.Outcome


@dataclass(frozen=True, slots=True)
class Words:
    """`state` is one of the status dots' (ready, warn, failed, processing); `names` are lines for a closer look."""

    state: str
    title: str
    text: str
    names: tuple[str, ...] = ()


def run_words(run: DirectoryRun) -> Words:
    told = run.detail
    match run.outcome:
        case Outcome.DONE:
            return _done(run)
        case Outcome.TOO_MANY:
            text = _(
                "%(gone)d of %(known)d people would have been deactivated, so nothing was changed. Look at LDAP_BASE and LDAP_PEOPLE_FILTER. If it is right, run manage.py sync_directory --force on the server."
            )
            return Words(
                "failed", _("Nothing changed"), text % {"gone": told["gone"], "known": told["known"]}
            )
        case Outcome.AWAY:
            text = _(
                "The directory does not answer, or it refuses the service account. It is tried again in a quarter of an hour. Look at LDAP_URL, LDAP_BIND_DN and LDAP_BIND_PASSWORD."
            )
            return Words("failed", _("Does not answer"), text, (told.get("reason", ""),))
        case Outcome.CUT_OFF:
            return Words("failed", _("Cut off"), _("The worker stopped in the middle. It is tried again."))
        case Outcome.FAILED:
            text = _(
                "Something went wrong in this program; the log of the server says what. It is tried again."
            )
            return Words("failed", _("Failed"), text, (told.get("reason", ""),))
        case _other:
            title = _("Running") if run.taken_at else _("Waiting for a worker")
            return Words("processing" if run.taken_at else "queued", title, "")


def failed_words() -> Words | None:
    """Of the last synchronisation, where it did not do what it should; None otherwise."""
    run = DirectoryRun.objects.exclude(ended_at=None).first() if directory.is_configured() else None
    words = run_words(run) if run is not None else None
    return words if words is not None and words.state == "failed" else None


def _done(run: DirectoryRun) -> Words:
    told = run.detail
    text = _("%(seen)d people there, %(made)d new, %(gone)d deactivated") % told
    names = tuple(_("deactivated: %(name)s") % {"name": name} for name in told["deactivated"])
    if not told["refused_count"]:
        return Words("ready", _("Done"), text, names)
    more = _("%(refused_count)d could not be taken over") % told
    return Words("warn", _("Done, not all"), f"{text} · {more}", (*told["refused"], *names))
