from apps.accounts.models.audit import AuditEvent
from apps.accounts.models.keys import ApiKey, UsedNonce
from apps.accounts.models.limits import Consumption, Quota
from apps.accounts.models.people import Clearance, Department, Group, Source, User

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Clearance",
    "Consumption",
    "Department",
    "Group",
    "Quota",
    "Source",
    "UsedNonce",
    "User",
]
