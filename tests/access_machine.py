"""A hypothesis machine over rights: grants, moves, breaks, revocations, people coming and going, against an oracle
that keeps plain sets and reads nothing from the product. Used by tests and by benchmarks.access_machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from apps.accounts.departments import department_create, department_update, group_create
from apps.accounts.models import Department, Group, User
from apps.cabinets import access
from apps.cabinets.explaining import readers_of
from apps.cabinets.models import Cabinet, Document, Folder, Grant
from apps.cabinets.selectors import search_scope
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.documents import document_classify
from apps.cabinets.services.folders import folder_create, folder_move
from apps.cabinets.services.grants import Entry, folder_set_inherits, grants_set
from apps.core.problems import Problem

ROLES = ("viewer", "contributor", "manager")
NAMES = ("ann", "ben", "cem", "dee")
picks = st.integers(0, 10_000)


@dataclass
class Given:
    subject: str
    role: str
    download: bool


@dataclass
class Place:
    """A folder as the oracle knows it; a cabinet is the place without a parent."""

    parent: UUID | None
    inherits: bool = True
    grants: list[Given] = field(default_factory=list)


@dataclass
class Oracle:
    """Who is where and what was given, in plain words."""

    places: dict[UUID, Place] = field(default_factory=dict)
    documents: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)  # folder, secrecy
    above: dict[str, str | None] = field(default_factory=dict)  # department → its parent
    departments: dict[str, set[str]] = field(default_factory=dict)  # person → departments
    groups: dict[str, set[str]] = field(default_factory=dict)
    clearance: dict[str, int] = field(default_factory=dict)
    active: dict[str, bool] = field(default_factory=dict)

    def subjects(self, person: str) -> set[str]:
        found = {"everyone", f"user:{person}"} | {f"group:{name}" for name in self.groups[person]}
        for department in self.departments[person]:
            at: str | None = department
            while at is not None:
                found.add(f"department:{at}")
                at = self.above[at]
        return found

    def given(self, person: str, folder: UUID) -> list[Given]:
        """All that holds for the person in the folder, walking up until the way is broken."""
        subjects, found, broken = self.subjects(person), [], False
        at: UUID | None = folder
        while at is not None:
            place = self.places[at]
            for given in place.grants:
                through = not broken or (place.parent is None and given.role == "manager")
                if through and given.subject in subjects:
                    found.append(given)
            broken = broken or not place.inherits
            at = place.parent
        return found

    def role(self, person: str, folder: UUID) -> str | None:
        roles = [given.role for given in self.given(person, folder)]
        return max(roles, key=ROLES.index) if roles and self.active[person] else None

    def reads(self, person: str, document: UUID) -> bool:
        folder, secrecy = self.documents[document]
        return self.role(person, folder) is not None and secrecy <= self.clearance[person]

    def downloads(self, person: str, document: UUID) -> bool:
        folder = self.documents[document][0]
        free = any(given.download or given.role != "viewer" for given in self.given(person, folder))
        return self.reads(person, document) and free


class AccessMachine(RuleBasedStateMachine):
    """Every step ends with the whole comparison: people × documents, folders × roles, scopes, explanations."""

    @initialize()
    def begin(self) -> None:
        self.oracle = Oracle()
        self.root = User.objects.create(username="root", is_superuser=True)
        for name in NAMES:
            User.objects.create(username=name)
            self.oracle.departments[name], self.oracle.groups[name] = set(), set()
            self.oracle.clearance[name], self.oracle.active[name] = 1, True
        for name in ("north", "south", "east"):
            department_create(by=None, name=name)
            self.oracle.above[name] = None
        for name in ("g1", "g2"):
            group_create(by=None, name=name)
        for number in range(2):
            cabinet = cabinet_create(by=self.root, name=f"C{number}")
            root = cabinet.folders.get()
            self.oracle.places[root.pk] = Place(None, grants=[Given("user:root", "manager", True)])
            for name in ("a", "b"):
                self._folder(Folder.objects.get(pk=root.pk), name)
        for key in list(self.oracle.places):
            self._document(key)

    def _folder(self, parent: Folder, name: str) -> None:
        made = folder_create(by=self.root, parent=parent, name=name)
        self.oracle.places[made.pk] = Place(parent.pk)

    def _document(self, folder: UUID) -> None:
        place = Folder.objects.get(pk=folder)
        number = len(self.oracle.documents)
        made = Document.objects.create(
            cabinet_id=place.cabinet_id, folder=place, title=f"D{number}", filename="d.txt",
            media_type="text/plain", size=1, sha256=f"{number:064x}",
        )  # fmt: skip
        self.oracle.documents[made.pk] = (folder, 1)

    def _pick(self, keys, at: int):
        keys = list(keys)
        return keys[at % len(keys)]

    def _subjects(self) -> list[str]:
        names = [f"user:{name}" for name in NAMES if self.oracle.active[name]]
        paths = [f"department:{path}" for path in self._paths().values()]
        return [*names, *paths, "group:g1", "group:g2", "everyone"]

    def _paths(self) -> dict[str, str]:
        """Department → path, as the oracle's tree says."""

        def path(name: str) -> str:
            above = self.oracle.above[name]
            return f"{path(above)}/{name}" if above else name

        return {name: path(name) for name in self.oracle.above}

    @rule(at=picks, chosen=st.lists(st.tuples(picks, st.sampled_from(ROLES), st.booleans()), max_size=3))
    def grant(self, at: int, chosen: list[tuple[int, str, bool]]) -> None:
        """Replace what is granted on a place; fewer than before is a revocation."""
        key = self._pick(self.oracle.places, at)
        folder, place = Folder.objects.select_related("cabinet").get(pk=key), self.oracle.places[key]
        entries = {self._pick(self._subjects(), number): (role, free) for number, role, free in chosen}
        if place.parent is None:
            entries["user:root"] = ("manager", True)
        wanted = [Entry(subject, role, free) for subject, (role, free) in entries.items()]
        grants_set(by=self.root, cabinet=folder.cabinet, folder=folder, entries=wanted)
        place.grants = [Given(self._plain(entry.subject), entry.role, entry.download) for entry in wanted]

    def _plain(self, subject: str) -> str:
        """The oracle names a department by its name, which stays when the tree changes."""
        kind, _separator, name = subject.partition(":")
        return f"department:{name.rpartition('/')[2]}" if kind == "department" else subject

    @precondition(lambda self: len(self.oracle.places) < 14)
    @rule(at=picks)
    def make_folder(self, at: int) -> None:
        parent = Folder.objects.get(pk=self._pick(self.oracle.places, at))
        self._folder(parent, f"f{len(self.oracle.places)}")

    @rule(at=picks, to=picks)
    def move_folder(self, at: int, to: int) -> None:
        key, target = self._pick(self.oracle.places, at), self._pick(self.oracle.places, to)
        folder, parent = Folder.objects.get(pk=key), Folder.objects.get(pk=target)
        try:
            folder_move(folder, by=self.root, parent=parent)
        except Problem:  # a root, another cabinet, below itself, or a name that is taken
            return
        self.oracle.places[key].parent = target

    @rule(at=picks, inherits=st.booleans())
    def break_or_mend(self, at: int, inherits: bool) -> None:  # noqa: FBT001 - hypothesis names it
        key = self._pick(self.oracle.places, at)
        place = self.oracle.places[key]
        if place.parent is None:
            return
        folder_set_inherits(Folder.objects.get(pk=key), by=self.root, inherits=inherits, keep=False)
        place.inherits = inherits

    @rule(at=picks, to=picks)
    def move_document(self, at: int, to: int) -> None:
        key, target = self._pick(self.oracle.documents, at), self._pick(self.oracle.places, to)
        folder = Folder.objects.get(pk=target)
        Document.objects.filter(pk=key).update(folder=folder, cabinet_id=folder.cabinet_id)
        self.oracle.documents[key] = (target, self.oracle.documents[key][1])

    @rule(at=picks, level=st.integers(0, 3))
    def classify(self, at: int, level: int) -> None:
        key = self._pick(self.oracle.documents, at)
        document_classify(Document.objects.get(pk=key), by=self.root, secrecy=level)
        self.oracle.documents[key] = (self.oracle.documents[key][0], level)

    @rule(name=st.sampled_from(NAMES), level=st.integers(0, 3))
    def clear(self, name: str, level: int) -> None:
        User.objects.filter(username=name).update(clearance=level)
        self.oracle.clearance[name] = level

    @rule(name=st.sampled_from(NAMES), joined=st.sets(st.sampled_from(("north", "south", "east"))))
    def join_departments(self, name: str, joined: set[str]) -> None:
        User.objects.get(username=name).departments.set(Department.objects.filter(name__in=joined))
        self.oracle.departments[name] = joined

    @rule(name=st.sampled_from(NAMES), joined=st.sets(st.sampled_from(("g1", "g2"))))
    def join_groups(self, name: str, joined: set[str]) -> None:
        User.objects.get(username=name).teams.set(Group.objects.filter(name__in=joined))
        self.oracle.groups[name] = joined

    @rule(name=st.sampled_from(("north", "south", "east")), above=st.sampled_from(("north", "south", "")))
    def move_department(self, name: str, above: str) -> None:
        found = Department.objects.get(name=name)
        parent = Department.objects.get(name=above) if above else None
        try:
            department_update(found, by=None, parent=parent, to_top=parent is None)
        except Problem:  # below itself
            return
        self.oracle.above[name] = above or None

    @rule(name=st.sampled_from(NAMES), active=st.booleans())
    def switch_person(self, name: str, active: bool) -> None:  # noqa: FBT001
        User.objects.filter(username=name).update(is_active=active)
        self.oracle.active[name] = active

    @invariant()
    def the_gate_says_what_the_oracle_says(self) -> None:
        for user in User.objects.filter(username__in=NAMES):
            self._compare(user)

    def _compare(self, user: User) -> None:
        name, oracle = user.username, self.oracle
        reads = {key for key in oracle.documents if oracle.reads(name, key)}
        assert reads == set(access.visible_documents(user).values_list("pk", flat=True)), name
        takes = {key for key in oracle.documents if oracle.downloads(name, key)}
        assert takes == set(access.visible_documents(user, download=True).values_list("pk", flat=True)), name
        roles = {key: role for key in oracle.places if (role := oracle.role(name, key))}
        assert roles == access.roles_in(user, Folder.objects.all()), name
        for least in ROLES:
            wanted = {key for key, role in roles.items() if ROLES.index(role) >= ROLES.index(least)}
            assert wanted == set(access.folders_for(user, role=least).values_list("pk", flat=True)), name
        scope = search_scope(user, any_day=True)
        whole = (scope.cabinet_ids or frozenset()) | scope.or_cabinet_ids
        inside = set(Folder.objects.filter(cabinet__in=whole).values_list("pk", flat=True))
        assert inside | (scope.folder_ids or frozenset()) == set(roles), name
        assert inside.isdisjoint(scope.folder_ids or ()), (
            "a whole cabinet is named as such, not by its folders"
        )

    @invariant()
    def the_explanation_names_the_same_people(self) -> None:
        for document in Document.objects.select_related("folder__cabinet", "cabinet"):
            told = {user.username for user in readers_of(document)} - {"root"}
            assert told == {name for name in NAMES if self.oracle.reads(name, document.pk)}, document.title

    def teardown(self) -> None:
        for model in (Grant, Document, Folder, Cabinet, User, Department, Group):
            if model is Department:
                Department.objects.update(parent=None)
            model.objects.all().delete()
