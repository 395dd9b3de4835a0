"""The tree of a conversation: which branch is shown, what stands beside what, and the way between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import UUIDField

from apps.chat.models import Conversation, Message
from apps.core.prepared import Prepared

MOST_MESSAGES = 4000  # of one conversation that are looked at, the newest


@dataclass(frozen=True, slots=True)
class Tree:
    """Ids only. `children` holds the siblings in the order they were made; None is above the first questions."""

    parents: dict[UUID, UUID | None] = field(default_factory=dict)
    children: dict[UUID | None, list[UUID]] = field(default_factory=lambda: defaultdict(list))

    def path(self, last: UUID | None) -> list[UUID]:
        """From the first question down to this message."""
        found: list[UUID] = []
        while last is not None and last in self.parents:
            found.append(last)
            last = self.parents[last]
        return found[::-1]

    def newest_leaf(self, of: UUID | None) -> UUID | None:
        """The end of the branch below a message that was gone on last."""
        below, last = [of], of
        position = {key: place for place, key in enumerate(self.parents)}
        while below:
            node = below.pop()
            if node is not None and (last is None or position[node] > position.get(last, -1)):
                last = node
            below += self.children.get(node, [])
        return last

    def siblings(self, of: UUID) -> list[UUID]:
        return self.children.get(self.parents.get(of), [of])


_MESSAGES = Prepared(
    lambda conversation: (
        Message.objects.filter(conversation=conversation)
        .order_by("-created_at", "-id")
        .values_list("pk", "parent_id")[:MOST_MESSAGES]
    ),
    conversation=UUIDField(),
)


def tree_of(conversation: Conversation) -> Tree:
    rows = _MESSAGES(conversation=conversation.pk)
    tree = Tree()
    known = {pk for pk, _parent in rows}
    for pk, parent in reversed(rows):
        above = parent if parent in known else None
        tree.parents[pk] = above
        tree.children[above].append(pk)
    return tree


def shown_leaf(conversation: Conversation, tree: Tree) -> UUID | None:
    leaf = conversation.leaf_id
    return leaf if leaf in tree.parents else tree.newest_leaf(None)


def shown_path(conversation: Conversation, tree: Tree | None = None) -> list[UUID]:
    """The ids of the shown messages, oldest first."""
    tree = tree or tree_of(conversation)
    return tree.path(shown_leaf(conversation, tree))


def branch_show(message: Message) -> None:
    """Show the branch that this message is on, as far as it was gone on."""
    leaf = tree_of(message.conversation).newest_leaf(message.pk)
    Conversation.objects.filter(pk=message.conversation_id).update(leaf=leaf)
