from apps.accounts.models.audit import AuditEvent, AuditSeal
from apps.accounts.models.directory import DirectoryRun
from apps.accounts.models.keys import ApiKey, UsedNonce
from apps.accounts.models.limits import Consumption, Quota
from apps.accounts.models.people import Clearance, Department, Group, Source, User
from apps.accounts.models.signin import Device, Identity, RecoveryCode, SignInRule, TwoStep

__all__ = [
    "ApiKey",
    "AuditEvent",
    "AuditSeal",
    "Clearance",
    "Consumption",
    "Department",
    "Device",
    "DirectoryRun",
    "Group",
    "Identity",
    "Quota",
    "RecoveryCode",
    "SignInRule",
    "Source",
    "TwoStep",
    "UsedNonce",
    "User",
]
