"""Nothing leaves the machine: an upload, its ingestion and a question connect to loopback alone."""

from __future__ import annotations

import ipaddress
import socket
import sys

import pytest

from apps.cabinets.models import Document
from tests.chatting import Asker, add_document, text_of
from tests.factories import Api, ingest

pytestmark = pytest.mark.django_db(transaction=True)
_watching: list[list[str]] = []


def _audit(event: str, arguments: tuple) -> None:
    """Python calls this for every connection and name look-up of this process, whoever makes it."""
    if not _watching:
        return
    if event == "socket.connect":
        kind, address = arguments[0].family, arguments[1]
        if kind in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(str(address[0])):
            _watching[-1].append(f"connect {address}")
    elif event == "socket.getaddrinfo" and not _is_loopback(str(arguments[0] or "localhost")):
        _watching[-1].append(f"look up {arguments[0]}")


sys.addaudithook(_audit)  # cannot be taken away again, so it does nothing unless a test watches


def _is_loopback(host: str) -> bool:
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture
def outbound():
    seen: list[str] = []
    _watching.append(seen)
    yield seen
    _watching.pop()


def test_the_guard_sees_a_connection_and_a_look_up(outbound):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # a datagram socket only notes the address: nothing is sent
    with pytest.raises(OSError):
        socket.getaddrinfo("name.invalid", 80)
    assert len(outbound) == 2


def test_an_upload_and_its_ingestion_stay_here(people, rag, hints, outbound):
    answer = Api(people.alice).upload(
        (
            "规定.md",
            "# 休假\n\n年休假为五天。[外部](http://example.com/a.png) ![x](http://example.com/b.png)",
        ),
        ("page.html", "<html><body><img src='http://example.com/x.png'><p>Rules.</p></body></html>"),
        cabinet_id=str(people.cabinet.pk),
    )
    assert answer.status_code == 202, answer.content
    for document in Document.objects.all():
        assert ingest(document).status == "ready", document.error_detail
    assert outbound == []


def test_a_question_stays_here(live, knowledge, model, outbound):
    add_document(
        knowledge.alice, knowledge.root_folder, "x.txt", "见 http://example.com/rules 。年休假五天。"
    )
    asker = Asker(live, knowledge.bob)
    assert "五天" in text_of(asker.ask("年休假有几天？"))
    assert asker.http.get("/api/v1/conversations").status_code == 200
    assert outbound == []


def test_a_question_without_a_model_stays_here(live, knowledge, outbound, settings):
    settings.LLM_DISCOVERY = ["http://127.0.0.1:9/v1"]
    assert "五天" in text_of(Asker(live, knowledge.bob).ask("年休假有几天？"))
    assert outbound == []


def test_a_redirect_of_the_model_to_elsewhere_is_not_followed(live, knowledge, model, outbound):
    events = Asker(live, knowledge.bob).ask("年休假有几天？", model="redirect")
    assert events[-1][0] == "error"
    assert outbound == []
