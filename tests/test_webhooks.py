"""Webhooks: signed, told once, repeated until taken, within the owner's rights, and never to a host that is not listed."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from apps.cabinets.models import Document
from apps.office import tasks
from apps.office.webhooks.models import Delivery, Webhook
from apps.office.webhooks.sending import WAITS, deliver, deliveries_due
from apps.office.webhooks.services import collect
from tests.factories import Api, upload

pytestmark = pytest.mark.django_db
ALL = ["document.ready", "document.failed", "notice.changed", "job.finished"]


@dataclass
class Receiver:
    """A real receiver; `statuses` are its next answers, then 204."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.calls.append((self.path, dict(self.headers), body))
            status = kept.statuses.pop(0) if kept.statuses else 204
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def office(people, rag, hints, monkeypatch) -> Api:
    monkeypatch.setattr("apps.office.api_webhooks.delivery_hint", lambda key: None)
    return Api(people.alice, "office")


def made(office: Api, receiver: Receiver, events: list[str] | None = None) -> dict:
    answer = office.post("webhooks", {"url": receiver.url, "events": events or ALL})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_call_is_signed_so_that_a_receiver_of_a_few_lines_can_check_it(office, receiver):
    hook = made(office, receiver)
    ping = office.post(f"webhooks/{hook['id']}/ping").json()
    deliver(ping["id"])
    path, headers, body = receiver.calls[0]
    text = "\n".join(
        (
            "POST",
            path,
            hashlib.sha256(body).hexdigest(),
            headers["X-Askive-Timestamp"],
            headers["X-Askive-Nonce"],
        )
    )
    expected = hmac.new(hook["secret"].encode(), text.encode(), hashlib.sha256).hexdigest()
    assert headers["X-Askive-Signature"] == f"sha256={expected}"
    assert path == "/hook?a=1" and headers["X-Askive-Delivery"] == ping["id"]
    assert json.loads(body)["event"] == headers["X-Askive-Event"] == "ping"
    log = office.get(f"webhooks/{hook['id']}/deliveries").json()["items"][0]
    assert log["state"] == "delivered" and log["log"][0]["status"] == 204


def test_the_secret_is_shown_once_and_kept_encrypted(office, receiver):
    hook = made(office, receiver)
    assert hook["secret"].startswith("whs_")
    assert hook["secret"] not in office.get("webhooks").content.decode()
    assert hook["secret"] not in Webhook.objects.get().secret


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "ftp://127.0.0.1/", "http://user:pw@127.0.0.1/", "http://127.0.0.1.example.org/", "//127.0.0.1/", "http://169.254.169.254/"],
)  # fmt: skip
def test_other_hosts_are_refused(office, receiver, url):
    answer = office.post("webhooks", {"url": url, "events": ["document.ready"]})
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "url"


def test_a_host_that_left_the_list_or_leads_to_the_machine_itself_is_not_called(office, receiver, settings):
    hook = made(office, receiver)
    key = office.post(f"webhooks/{hook['id']}/ping").json()["id"]
    settings.WEBHOOK_ALLOWED_HOSTS = []
    deliver(key)
    assert Delivery.objects.get().log[0]["error"] == "host_not_allowed"
    settings.WEBHOOK_ALLOWED_HOSTS = ["ip6-localhost", "localhost.localdomain", "169.254.169.254"]
    Webhook.objects.update(url="http://169.254.169.254/latest")
    Delivery.objects.update(next_at=timezone.now())
    deliver(key)
    assert Delivery.objects.get().log[1]["error"] == "ConnectError"
    assert receiver.calls == []


def test_what_is_not_taken_is_repeated_with_longer_waits_and_given_up_in_the_end(office, receiver):
    receiver.statuses = [500, 302, *[503] * 10]
    hook = made(office, receiver)
    key = office.post(f"webhooks/{hook['id']}/ping").json()["id"]
    waits = []
    for _attempt in range(len(WAITS) + 3):
        Delivery.objects.update(next_at=timezone.now())
        deliver(key)
        waits.append(Delivery.objects.get().next_at - timezone.now())
    row = Delivery.objects.get()
    assert row.state == "failed" and row.attempts == len(WAITS) + 1 == len(receiver.calls)
    assert [entry["status"] for entry in row.log][:2] == [500, 302]
    assert waits[1] > waits[0] > timedelta(0)
    assert len({body for _path, _headers, body in receiver.calls}) == 1
    assert len({headers["X-Askive-Nonce"] for _path, headers, _body in receiver.calls}) == len(receiver.calls)
    assert Webhook.objects.get().failures == 1


def test_two_workers_make_one_attempt(office, receiver):
    hook = made(office, receiver)
    key = office.post(f"webhooks/{hook['id']}/ping").json()["id"]
    deliver(key)
    deliver(key)
    Delivery.objects.update(state="pending")
    deliver(key)  # the lease of the first attempt has not run out
    assert len(receiver.calls) == 1


def test_a_webhook_that_nobody_answers_is_switched_off_and_can_be_switched_on(office, receiver):
    hook = made(office, receiver)
    Webhook.objects.update(failures=9)
    key = office.post(f"webhooks/{hook['id']}/ping").json()["id"]
    receiver.statuses = [500]
    Delivery.objects.update(attempts=len(WAITS))
    deliver(key)
    assert not Webhook.objects.get().enabled and deliveries_due() == []
    assert office.patch(f"webhooks/{hook['id']}", {"enabled": True}).json()["failures"] == 0


def test_what_happens_is_told_once_to_those_who_may_see_it(people, office, receiver, hints):
    made(office, receiver)
    stranger = made(Api(people.charlie, "office"), receiver)
    collect()
    document = upload(people.alice, people.root_folder, "rules.txt", "text")
    Document.objects.filter(pk=document.pk).update(
        status="ready", updated_at=timezone.now(), active_generation=1
    )
    notice = office.post("notices", {"subject": "检查", "writer": "template"}).json()
    assert len(collect()) == 2
    assert collect() == []
    told = Delivery.objects.exclude(webhook=stranger["id"])
    assert {row.event: row.payload["data"]["title"] for row in told} == {
        "document.ready": "rules",
        "notice.changed": notice["title"],
    }
    assert not Delivery.objects.filter(webhook=stranger["id"]).exists()
    assert set(deliveries_due()) == set(told.values_list("pk", flat=True))
    assert tasks.deliver.name == "apps.office.tasks.deliver"


def test_events_are_chosen_from_the_list(office, receiver):
    for events in ([], ["document.read"]):
        assert office.post("webhooks", {"url": receiver.url, "events": events}).status_code == 422
    hook = made(office, receiver)
    assert office.patch(f"webhooks/{hook['id']}", {"events": ["ping"]}).json()["events"] == ["ping"]
    assert office.delete(f"webhooks/{hook['id']}").status_code == 204
