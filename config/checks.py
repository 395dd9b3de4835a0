"""What is examined: by dotted path, so that apps.core needs to know no other app."""

# The invariants of the data, in the order of their numbers; `manage.py doctor` checks them.
DOCTOR_CHECKS = {
    "I1": "apps.cabinets.doctor.points.served_points",
    "I2": "apps.cabinets.doctor.points.orphans",
    "I3": "apps.cabinets.doctor.points.places",
    "I4": "apps.cabinets.doctor.rights.rights",
    "I5": "apps.cabinets.doctor.work.nothing_is_stuck",
    "I6": "apps.cabinets.doctor.files.bytes_are_right",
    "I7": "apps.cabinets.doctor.files.files_and_rows",
    "I8": "apps.cabinets.doctor.points.one_generation",
    "I9": "apps.cabinets.doctor.work.one_effect",
    "I10": "apps.chat.doctor.answers_end",
    "I11": "apps.cabinets.doctor.audit.audit",
    "I13": "apps.chat.doctor.attachments_belong",
    "I14": "apps.cabinets.doctor.rights.reach",
}
HEALTH_PROBES = {
    "store": "apps.cabinets.probes.store",
    "embedder": "apps.cabinets.probes.embedder",
    "worker": "apps.cabinets.probes.worker",
}
# Numbers in the rail, by the name of the place: callables (user) → int.
NAV_COUNTS = {"inbox": "apps.chat.inbox.open_count"}
# What knows questions for the empty page: callables (user, cabinets, *, language, limit) → list of texts.
FIRST_QUESTIONS = ["apps.quality.first_questions.first_questions"]
# What follows when somebody is deactivated or activated again: callables (user id, *, active).
PERSON_CHANGED = ["apps.chat.running.person_changed"]
