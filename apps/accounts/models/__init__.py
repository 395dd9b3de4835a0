from apps.accounts.models.audit import AuditEvent
from apps.accounts.models.keys import ApiKey, UsedNonce
from apps.accounts.models.people import Clearance, Department, Group, Source, User

__all__ = ["ApiKey", "AuditEvent", "Clearance", "Department", "Group", "Source", "UsedNonce", "User"]
