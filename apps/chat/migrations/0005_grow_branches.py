"""Flat conversations become trees: each question hangs on the answer before it that was shown."""

from collections import defaultdict

from django.db import migrations
from django.utils import timezone


def grow(apps, schema_editor):
    Message = apps.get_model("chat", "Message")
    Conversation = apps.get_model("chat", "Conversation")
    rows = Message.objects.order_by("conversation_id", "created_at", "id")
    last = {}
    for row in rows.only("id", "conversation_id", "role", "hidden_at", "parent_id").iterator():
        if row.role == "user" and row.parent_id is None and row.conversation_id in last:
            Message.objects.filter(pk=row.pk).update(parent_id=last[row.conversation_id])
        elif row.role == "assistant" and row.hidden_at is None:
            last[row.conversation_id] = row.pk
    for conversation_id, leaf in last.items():
        Conversation.objects.filter(pk=conversation_id).update(leaf_id=leaf)


def flatten(apps, schema_editor):
    """Hide what is not on the shown branch; questions lose their parents, as they had none."""
    Message = apps.get_model("chat", "Message")
    Conversation = apps.get_model("chat", "Conversation")
    leaves = dict(Conversation.objects.exclude(leaf_id=None).values_list("pk", "leaf_id"))
    rows = defaultdict(dict)
    for pk, conversation_id, parent in Message.objects.values_list("pk", "conversation_id", "parent_id"):
        rows[conversation_id][pk] = parent
    for conversation_id, leaf in leaves.items():
        shown, at = set(), leaf
        while at is not None:
            shown.add(at)
            at = rows[conversation_id].get(at)
        hidden = set(rows[conversation_id]) - shown
        Message.objects.filter(pk__in=hidden).update(hidden_at=timezone.now())
    Message.objects.filter(role="user").update(parent_id=None)


class Migration(migrations.Migration):
    dependencies = [("chat", "0004_branches")]
    operations = [migrations.RunPython(grow, flatten)]
