"""Archives: bounded, names read right, folders kept, every file answered for, finished after a crash."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.cabinets.models import Document
from apps.cabinets.services import imports
from apps.cabinets.services.imports import archive_path, import_start, import_unpack
from apps.cabinets.tasks import sweep, unpack
from apps.core.models import Job
from apps.core.problems import Problem
from tests.factories import Api
from tests.test_cabinet_pages import page_of

pytestmark = pytest.mark.django_db


def packed(files: dict[str, bytes | str], *, encoding: str = "") -> bytes:
    """A zip; with `encoding` the names carry no UTF-8 mark, as other programs write them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(_disguised(name) if encoding else name, content)
    data = out.getvalue()
    for name in files if encoding else ():
        mask, real = _disguised(name).encode(), name.encode(encoding)
        data = data.replace(mask, real.ljust(len(mask), b"_")[: len(mask)] if len(real) < len(mask) else real)
    return data


def _disguised(name: str) -> str:
    """ASCII of the length that the name has in GBK, so that its bytes can take the place."""
    return "".join("@@" if char > "\x7f" else char for char in name)


def send(people, files: dict[str, bytes | str], *, by=None, **packing) -> Job:
    upload = SimpleUploadedFile("files.zip", packed(files, **packing))
    return import_start(by=by or people.alice, folder=people.root_folder, archive=upload)


def done(job: Job) -> Job:
    assert import_unpack(job.pk)
    job.refresh_from_db()
    return job


def places() -> set[str]:
    return {
        f"{document.folder.path}/{document.filename}".lstrip("/")
        for document in Document.objects.select_related("folder")
    }


def test_folders_are_kept_and_each_file_is_answered_for(people, hints, django_capture_on_commit_callbacks):
    files = {
        "制度/差旅/办法.txt": "差旅住宿标准",
        "readme.md": "# Read me",
        "photo.xyz": b"\x00\x01",
        "empty.txt": "",
    }
    api = Api(people.alice)
    form = {"archive": SimpleUploadedFile("a.zip", packed(files)), "cabinet_id": str(people.cabinet.pk)}
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.client.post("/api/v1/imports", form, **api.headers)
    assert answer.status_code == 202
    job = answer.json()["job"]
    assert answer["Location"] == f"/api/v1/jobs/{job['id']}"
    assert hints == [("unpack", job["id"])]
    unpack(job["id"])
    job = Api(people.alice).get(f"jobs/{job['id']}").json()["job"]
    assert (job["state"], job["progress"]) == ("partial", 1)
    result = job["result"]
    assert (result["files"], result["accepted"], result["rejected"]) == (4, 2, 2)
    assert {item["path"]: item.get("code") for item in result["items"]}["photo.xyz"] == "unsupported"
    assert places() == {"制度/差旅/办法.txt", "readme.md"}
    assert not list(archive_path(Job.objects.get().pk).parent.glob("*"))


@pytest.mark.parametrize("encoding", ["gbk", ""])
def test_chinese_names_are_read_in_the_encoding_they_have(people, hints, encoding):
    names = ["制度文件/差旅费管理办法（试行）.txt", "通知/关于调整作息时间的通知.txt", "会议纪要.txt"]
    done(send(people, {name: name for name in names}, encoding=encoding))
    assert places() == set(names)


def test_utf8_names_without_the_mark_are_read(people, hints):
    data = packed({"制度/关于放假的通知.txt": "x"})
    unmarked = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        unmarked[unmarked.index(signature) + offset + 1] &= ~0x08
    job = import_start(
        by=people.alice, folder=people.root_folder, archive=SimpleUploadedFile("m.zip", bytes(unmarked))
    )
    done(job)
    assert places() == {"制度/关于放假的通知.txt"}


def test_names_that_climb_are_rejected_and_system_files_left_out(people, hints):
    files = {
        "../../etc/passwd.txt": "x",
        "C:/windows.txt": "y",
        "ok\\inner\\a.txt": "z",
        "__MACOSX/._a.txt": "m",
        "d/.DS_Store": "s",
        "~$lock.docx": "l",
    }
    job = done(send(people, files))
    assert {item["path"]: item.get("code", "") for item in job.result["items"]} == {
        "../../etc/passwd.txt": "bad_name",
        "C:/windows.txt": "bad_name",
        "ok/inner/a.txt": "",
    }
    assert places() == {"ok/inner/a.txt"}


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.rar", b"Rar!", 415),
        ("a.zip", b"no zip", 422),
        ("a.zip", packed({}), 422),
        ("a.zip", packed({"big.txt": b"0" * (9 * 1024 * 1024)}), 422),
    ],
)
def test_what_is_not_a_sound_archive_is_refused_and_not_kept(people, settings, name, content, status):
    with pytest.raises(Problem) as refused:
        import_start(by=people.alice, folder=people.root_folder, archive=SimpleUploadedFile(name, content))
    assert refused.value.status == status
    assert not list(settings.DATA_DIR.glob("imports/*"))
    assert not Job.objects.exists()


def test_an_archive_that_is_too_large_is_refused(people, settings):
    settings.MAX_ARCHIVE_MB = 0
    with pytest.raises(Problem) as refused:
        send(people, {"a.txt": "x"})
    assert refused.value.status == 413


def test_only_contributors_may_import(people):
    data = {
        "archive": SimpleUploadedFile("a.zip", packed({"a.txt": "x"})),
        "cabinet_id": str(people.cabinet.pk),
    }
    for user, status in ((people.bob, 403), (people.charlie, 404)):
        api = Api(user)
        assert api.client.post("/api/v1/imports", data, **api.headers).status_code == status


def test_rights_that_were_taken_meanwhile_stop_it(people, hints):
    job = send(people, {"a.txt": "x"})
    people.cabinet.grants.all().delete()
    job = done(job)
    assert (job.state, job.error["code"]) == ("failed", "gone")
    assert not Document.objects.exists()


def test_an_import_that_was_cut_off_is_finished_by_the_sweeper(people, hints, monkeypatch):
    job = send(people, {f"{number}.txt": f"text {number}" for number in range(5)})
    take, calls = imports._take, []

    class Killed(BaseException):
        pass

    def die(*args, **named):
        calls.append(1)
        if len(calls) > 3:
            raise Killed
        return take(*args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(imports, "_take", die)
        with pytest.raises(Killed):
            import_unpack(job.pk)
    assert not import_unpack(job.pk), "its worker may still be at it"
    Job.objects.filter(pk=job.pk).update(updated_at=timezone.now() - timedelta(minutes=4))
    hints.clear()
    sweep()
    assert ("unpack", str(job.pk)) in hints
    result = done(job).result
    assert (result["accepted"], result["existing"]) == (2, 3)
    assert Document.objects.count() == 5
    assert not import_unpack(job.pk)


def test_a_damaged_member_does_not_stop_the_others(people, hints):
    data = bytearray(packed({"a.txt": "first " * 50, "b.txt": "second " * 50}))
    at = data.index(b"b.txt") + 6
    data[at : at + 4] = b"\xff\xff\xff\xff"
    job = done(
        import_start(
            by=people.alice, folder=people.root_folder, archive=SimpleUploadedFile("d.zip", bytes(data))
        )
    )
    assert {item["path"]: item["status"] for item in job.result["items"]} == {
        "a.txt": "accepted",
        "b.txt": "rejected",
    }


def test_the_page_tells_the_scripts_that_archives_can_be_unpacked(people):
    content = page_of(people.alice).get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    assert 'data-max-archive-mb="2048"' in content
    assert "Unpack here" in content


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "share"
    for name, text in {"制度/办法.txt": "text", "a.md": "# A", "b.exe": "MZ", ".hidden/c.txt": "no"}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_folder_is_taken_in_by_command_and_a_second_time_skipped(people, hints, tree, capsys):
    options = {"cabinet": "Rules", "folder": "in/here", "user": "alice"}
    call_command("import_folder", str(tree), **options)
    assert places() == {"in/here/制度/办法.txt", "in/here/a.md"}
    assert "2 accepted, 0 there already, 1 rejected" in capsys.readouterr().out
    assert hints == [], "the sweeper of the running server finds the rows"
    call_command("import_folder", str(tree), **options)
    assert "0 accepted, 2 there already, 1 rejected" in capsys.readouterr().out
    assert set(Document.objects.values_list("status", "created_by__username")) == {("queued", "alice")}


def test_the_command_names_what_is_wrong(people, tree):
    for path, options in [
        (tree / "nowhere", {"cabinet": "Rules"}),
        (tree, {"cabinet": "Nothing"}),
        (tree, {"cabinet": "Rules", "user": "nobody"}),
        (tree, {"cabinet": "Rules", "user": "bob"}),
    ]:
        with pytest.raises(CommandError):
            call_command("import_folder", str(path), **options)
