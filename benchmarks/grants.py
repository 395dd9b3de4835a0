"""What rights cost a search: 10,000 grants on 5,000 folders against one grant on each cabinet.

    python -m benchmarks.grants [--folders 5000] [--grants 10000] [--chunks 10000] [--queries 100]

The same index, the same questions, the whole road of apps.cabinets.searching.search (rights, embedding, store,
re-check in the database, rerank), on an embedded instance of its own. Three people are asked, in turns:

    none     everyone may read every cabinet: nothing is cut
    some     a share of the grants, by name, departments and groups; some folders are closed to them
    all      named by every single grant, the worst case

Told are the milliseconds by the clock and by the processor (of the asking thread, for machines that others use as
well), then the same for the first search after a change in every cabinet, when all that was remembered is read again.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from uuid import UUID, uuid4

TARGET = 1.3
CABINETS = 20
PEOPLE, DEPARTMENTS, GROUPS = 300, 60, 30
CHANGES = 20  # searches that are each the first after a change
Spent = tuple[float, float]  # milliseconds by the clock, and of the processor


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("folders", 5000), ("grants", 10_000), ("chunks", 10_000), ("queries", 100)):
        arguments.add_argument(f"--{name}", type=int, default=usual)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="askive-grants-") as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        Path(folder, "qdrant").mkdir()
        call_command("migrate", verbosity=0)
        measure(options)


def measure(options: argparse.Namespace) -> None:
    from apps.rag import components
    from benchmarks.texts import questions

    chance = random.Random(7)
    people = make_people(chance)
    folders = make_folders(options.folders, chance)
    fill(folders, options.chunks, chance)
    give(people, folders, options.grants, chance)
    asked = questions(options.queries)
    usual: dict[str, list[Spent]] = {name: [] for name in ("none", "some", "all")}
    changed: dict[str, list[Spent]] = {name: [] for name in usual}
    try:
        for name in usual:
            ask(people[name], "warm up")
        for query in asked:
            for name in usual:
                usual[name].append(ask(people[name], query))
        for query in asked[:CHANGES]:
            change_all()
            for name in changed:
                changed[name].append(ask(people[name], query))
    finally:
        components.close()
    report(usual, target=TARGET)
    print("first search after a change in every cabinet")
    report(changed)


def change_all() -> None:
    from django.db import transaction

    from apps.cabinets.models import Cabinet
    from apps.cabinets.services.reach import tree_lock

    with transaction.atomic():
        for key in Cabinet.objects.values_list("pk", flat=True)[:CABINETS]:
            tree_lock(key)


def make_people(chance: random.Random) -> dict[str, UUID]:
    from apps.accounts.departments import department_create
    from apps.accounts.models import Department, Group, User

    User.objects.bulk_create([User(username=f"p{number}") for number in range(PEOPLE)])
    made: list[Department] = []
    for number in range(DEPARTMENTS):
        parent = made[chance.randrange(len(made))] if number > 5 else None
        if parent is not None and parent.tree.count("/") > 6:
            parent = parent.parent
        made.append(department_create(by=None, name=f"d{number}", parent=parent))
    groups = Group.objects.bulk_create([Group(name=f"g{number}") for number in range(GROUPS)])
    for person in User.objects.filter(username__startswith="p"):
        person.departments.add(made[chance.randrange(DEPARTMENTS)])
        person.teams.add(*chance.sample(groups, 2))
    found = {name: User.objects.create(username=name) for name in ("none", "some", "all")}
    found["some"].departments.add(made[-1], made[-2])
    found["some"].teams.add(*groups[:3])
    return {name: person.pk for name, person in found.items()}


def make_folders(count: int, chance: random.Random) -> list[UUID]:
    """Spread over the cabinets, up to six deep, one in fifty closed."""
    from apps.accounts.models import User
    from apps.cabinets.models import Folder
    from apps.cabinets.services.cabinets import cabinet_create
    from apps.cabinets.services.reach import reach_rebuild

    owner = User.objects.create(username="owner", is_superuser=True)
    made: list[UUID] = []
    for number in range(CABINETS):
        root = cabinet_create(by=owner, name=f"C{number}").folders.get()
        rows = [root]
        for serial in range(count // CABINETS):
            parent = rows[chance.randrange(len(rows))]
            while parent.tree.count("/") > 7:
                parent = rows[chance.randrange(len(rows))]
            key = uuid4()
            rows.append(
                Folder(
                    id=key, cabinet=root.cabinet, parent=parent, name=f"f{serial}", tree=f"{parent.tree}{key}/",
                    path=f"{parent.path}/f{serial}", inherits=serial % 50 != 49,
                )
            )  # fmt: skip
        Folder.objects.bulk_create(rows[1:])
        reach_rebuild(root)
        made += [row.pk for row in rows[1:]]
    return made


def fill(folders: list[UUID], count: int, chance: random.Random) -> None:
    from apps.cabinets.models import Chunk, Document, Folder
    from apps.rag import components
    from apps.rag.types import Chunk as Passage
    from apps.rag.types import EncodedChunk, chunk_id
    from benchmarks.search import passages

    store, sparse, per = components.store(), components.sparse(), 5
    for number in range(0, count, per):
        folder = Folder.objects.get(pk=folders[chance.randrange(len(folders))])
        document = Document.objects.create(
            cabinet_id=folder.cabinet_id, folder=folder, title=f"Rules {number}", filename=f"{number}.md",
            media_type="text/markdown", size=1, sha256=f"{number:064}", status="ready", active_generation=1,
        )  # fmt: skip
        rows = [
            Passage(
                id=chunk_id(document.pk, 1, index), document_id=document.pk, generation=1, index=index,
                title=document.title, text=text, language="en",
            )
            for index, text in enumerate(passages(number, per))
        ]  # fmt: skip
        Chunk.objects.bulk_create(
            [
                Chunk(id=row.id, document=document, generation=1, index=row.index, text=row.text)
                for row in rows
            ]
        )
        weights = sparse.encode_documents([row.embedding_text for row in rows])
        store.upsert(
            [
                EncodedChunk(chunk=row, cabinet_id=folder.cabinet_id, folder_id=folder.pk, sparse=weight, dense=vector(chance))
                for row, weight in zip(rows, weights, strict=True)
            ]
        )  # fmt: skip


def vector(chance: random.Random) -> tuple[float, ...]:
    raw = [chance.gauss(0, 1) for _number in range(384)]
    length = sum(value * value for value in raw) ** 0.5
    return tuple(value / length for value in raw)


def give(people: dict[str, UUID], folders: list[UUID], count: int, chance: random.Random) -> None:
    """`count` grants to the many, as many again to `all` by name, and one a cabinet to `none`."""
    from apps.accounts.models import Department, Group, User
    from apps.cabinets.models import Cabinet, Folder, Grant

    subjects: list[dict[str, UUID]] = [
        {"user_id": key} for key in User.objects.filter(username__startswith="p").values_list("pk", flat=True)
    ]
    subjects += [{"department_id": key} for key in Department.objects.values_list("pk", flat=True)]
    subjects += [{"group_id": key} for key in Group.objects.values_list("pk", flat=True)]
    places = dict(Folder.objects.filter(pk__in=folders).values_list("pk", "cabinet"))
    rows = []
    for number in range(count):
        folder = folders[number % len(folders)]
        whom = (
            subjects[chance.randrange(len(subjects))]
            if chance.random() > 0.04
            else {"user_id": people["some"]}
        )
        rows.append(Grant(cabinet_id=places[folder], folder_id=folder, role="viewer", **whom))
    rows += [
        Grant(cabinet_id=places[key], folder_id=key, role="viewer", user_id=people["all"]) for key in folders
    ]
    for cabinet in Cabinet.objects.all():
        rows.append(Grant(cabinet=cabinet, role="manager", user_id=people["none"]))
    Grant.objects.bulk_create(rows, batch_size=500)
    print(
        f"{len(folders)} folders, {len(rows)} grants, of which {people_of(people['some'])} name `some`",
        flush=True,
    )


def people_of(key: UUID) -> int:
    from apps.accounts.models import User
    from apps.cabinets.access import grants_of

    return grants_of(User.objects.get(pk=key)).count()


def ask(key: UUID, query: str) -> Spent:
    """One search of a person who has just come in."""
    from apps.accounts.models import User
    from apps.cabinets.searching import search

    begun, worked = time.perf_counter(), time.thread_time()
    search(User.objects.get(pk=key), query)
    return (time.perf_counter() - begun) * 1000, (time.thread_time() - worked) * 1000


def report(spent: dict[str, list[Spent]], *, target: float | None = None) -> None:
    base = [statistics.median(column) for column in zip(*spent["none"], strict=True)]
    for name, times in spent.items():
        clock, worked = zip(*times, strict=True)
        slowest = sorted(clock)[int(len(clock) * 0.95)]
        ratios = [statistics.median(column) / of for column, of in zip((clock, worked), base, strict=True)]
        wish = "" if target is None else f" (target < {target})"
        verdict = "" if name == "none" else f"  ratio {ratios[0]:.2f}, processor {ratios[1]:.2f}{wish}"
        print(
            f"{name:5} median {statistics.median(clock):6.1f} ms  p95 {slowest:6.1f} ms"
            f"  processor {statistics.median(worked):6.1f} ms{verdict}"
        )


if __name__ == "__main__":
    main()
