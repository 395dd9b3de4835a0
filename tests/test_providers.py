"""Providers of chat models: kept with encrypted keys, on allowed hosts, asked without giving a key away."""

from __future__ import annotations

import asyncio
import socket

import pytest

from apps.accounts.models import AuditEvent
from apps.assistants import providers
from apps.assistants.models import Provider
from apps.assistants.providers import chat_model, chat_models
from apps.core import secrets
from apps.net.outbound import address_of, is_allowed, is_callable
from tests.chatting import SHORT_TIMEOUTS, Asker, text_of
from tests.factories import Api
from tests.fakes import openai_server
from tests.fakes.openai_server import scripted_server
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "sk-secret-0123456789"


@pytest.fixture
def root(people) -> Api:
    return Api(people.root, "admin")


@pytest.fixture
def keys(monkeypatch) -> list[str]:
    """The Authorization headers that reach the scripted server's model list."""
    seen: list[str] = []
    handle = openai_server.ScriptedModel.handle

    async def noting(self, request, out):
        seen.append(request.headers.get("authorization", ""))
        await handle(self, request, out)

    monkeypatch.setattr(openai_server.ScriptedModel, "handle", noting)
    return seen


@pytest.fixture
def server(keys):
    with scripted_server() as base_url:
        yield base_url


def enter(root: Api, base_url: str, **more) -> dict:
    answer = root.post("providers", {"name": "House", "base_url": base_url, "api_key": KEY, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_key_is_kept_encrypted_and_never_shown(root, server):
    made = enter(root, server)
    row = Provider.objects.get()
    assert KEY not in row.key and secrets.decrypt(row.key) == KEY
    shown = root.get("providers").content.decode() + str(made)
    assert KEY not in shown and row.key not in shown
    assert made["has_key"] is True and made["is_default"] is True
    assert KEY not in str(list(AuditEvent.objects.values("detail", "target_name")))
    assert KEY not in repr(chat_models())


def test_keys_can_be_exchanged_step_by_step(settings):
    from cryptography.fernet import Fernet

    old = secrets.encrypt(KEY)
    settings.SECRETS_KEYS = [Fernet.generate_key().decode()]
    assert secrets.decrypt(old) == KEY
    new = secrets.encrypt(KEY)
    settings.SECRETS_KEYS = []
    with pytest.raises(secrets.Unreadable):
        secrets.decrypt(new)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    assert secrets.decrypt(old) == KEY


def test_its_models_answer_questions_with_the_default_first(root, server, live, knowledge, settings, keys):
    settings.LLM_TIMEOUTS = SHORT_TIMEOUTS
    enter(root, server, model="cite")
    assert chat_model().name == "cite"
    assert chat_model("echo").pinned is True
    events = Asker(live, knowledge.bob).ask("年休假有几天？")
    assert "五天" in text_of(events)
    assert set(keys) == {f"Bearer {KEY}"}


def test_the_environment_goes_first_and_the_second_provider_after_the_default(root, server, settings):
    enter(root, server, model="echo")
    with scripted_server() as second:
        enter(root, second.replace("127.0.0.1", "localhost"), name="Second", model="cite", is_default=True)
        assert [row.name for row in Provider.objects.filter(is_default=True)] == ["Second"]
        assert chat_models()[0].name == "cite"
        assert {model.base_url for model in chat_models()} == {
            server,
            second.replace("127.0.0.1", "localhost"),
        }
        settings.LLM_BASE_URL, settings.LLM_MODEL = server, "ok"
        providers.catalogue.forget()
        assert chat_model().name == "ok" and chat_model().pinned is False
        assert root.get("providers").json()["overridden"] is True


def test_switched_off_disallowed_or_unreadable_providers_are_not_asked(root, server, settings, keys):
    made = enter(root, server)
    root.patch(f"providers/{made['id']}", {"enabled": False})
    assert chat_models() == ()
    root.patch(f"providers/{made['id']}", {"enabled": True})
    settings.LLM_ALLOWED_HOSTS = ["elsewhere.example"]
    providers.catalogue.forget()
    assert chat_models() == ()
    settings.LLM_ALLOWED_HOSTS = ["127.0.0.1"]
    Provider.objects.update(key="gAAAAABrubbish")
    providers.catalogue.forget()
    assert chat_models() == ()
    assert keys == []


def test_the_test_button_never_sends_a_stored_key_to_a_new_host(root, server, keys):
    made = enter(root, server)
    same = root.post("providers/test", {"base_url": server, "provider_id": made["id"]}).json()
    assert same["ok"] and "cite" in same["models"]
    assert keys == [f"Bearer {KEY}"]
    keys.clear()
    other = server.replace("127.0.0.1", "localhost")
    for body in (
        {"base_url": other, "provider_id": made["id"]},
        {"base_url": f"http://localhost:{free_port()}/v1", "provider_id": made["id"]},
        {"base_url": other},
    ):
        root.post("providers/test", body)
    assert keys and all(KEY not in header for header in keys)
    answer = root.patch(f"providers/{made['id']}", {"base_url": other})
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "api_key"
    assert root.patch(f"providers/{made['id']}", {"base_url": f"{server}/", "name": "N"}).status_code == 200
    assert root.patch(f"providers/{made['id']}", {"base_url": other, "api_key": "new"}).status_code == 200
    assert secrets.decrypt(Provider.objects.get().key) == "new"


@pytest.mark.parametrize(
    "base_url",
    [
        "ftp://localhost/v1", "localhost:8000", "http://", "http://evil.example/v1", "http://localhost.evil.example/v1",
        "http://u:p@localhost/v1", "http://localhost/v1?key=1", "http://localhost/v1#x", "http://169.254.169.254/latest",
        "file:///etc/passwd", "http://localhost:99999/v1", "http://localhost\\@evil.example/v1", "http://2130706433/v1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_plain_or_not_allowed_are_refused(root, base_url):
    for path, body in (
        ("providers", {"name": "N", "base_url": base_url}),
        ("providers/test", {"base_url": base_url}),
    ):
        answer = root.post(path, body)
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["field"] == "base_url"
    assert not Provider.objects.exists()


def test_other_input_is_checked_too(root, server):
    enter(root, server)
    for body, field in (
        ({"name": " "}, "name"),
        ({"name": "House"}, "name"),
        ({"name": "N", "api_key": "a b"}, "api_key"),
        ({"name": "N", "api_key": "钥"}, "api_key"),
    ):
        answer = root.post("providers", {"base_url": server, **body})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(("status", "code"), [(200, "model_bad_answer"), (307, ""), (401, "model_auth")])
def test_a_test_says_what_is_wrong_and_follows_no_redirect(root, status, code, monkeypatch):
    async def answer(self, request, out):
        assert request.path == "/v1/models"
        headers = {"location": "http://127.0.0.1:9/v1/models"}
        out.whole(status, b"<html>portal</html>", content_type="text/html", headers=headers)

    monkeypatch.setattr(openai_server.ScriptedModel, "handle", answer)
    with scripted_server() as server:
        told = root.post("providers/test", {"base_url": server}).json()
    assert told["ok"] is False and told["message"].endswith(".")
    assert not code or told["code"] == code


def test_nothing_there_is_said(root):
    told = root.post("providers/test", {"base_url": f"http://127.0.0.1:{free_port()}/v1"}).json()
    assert (told["ok"], told["code"]) == (False, "model_unavailable")


def test_hosts_are_allowed_by_name_by_port_or_below_a_domain():
    hosts = ["gpu", "api.example.com:8443", "*.house.example", "::1"]
    for url in (
        "http://gpu:1/v1",
        "https://GPU/v1",
        "https://api.example.com:8443/",
        "http://a.b.house.example",
        "http://[::1]:8000/v1",
    ):
        assert is_allowed(url, hosts), url
    for url in (
        "https://api.example.com/v1",
        "http://house.example",
        "http://xhouse.example",
        "http://gpu.evil",
        "gpu",
        "http://gpu@evil",
    ):
        assert not is_allowed(url, hosts), url


@pytest.mark.parametrize(
    ("address", "host", "callable_"),
    [
        ("10.0.0.5", "gpu", True), ("203.0.113.7", "api.example.com", True), ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "127.0.0.1", True), ("127.0.0.1", "api.example.com", False), ("::1", "gpu", False),
        ("169.254.169.254", "gpu", False), ("::ffff:169.254.169.254", "gpu", False), ("100.100.100.200", "gpu", False),
        ("0.0.0.0", "gpu", False), ("fe80::1%eth0", "gpu", False), ("224.0.0.1", "gpu", False),
    ],
)  # fmt: skip
def test_an_allowed_name_that_leads_to_a_forbidden_address_is_not_called(address, host, callable_):
    assert is_callable(address, host=host) is callable_


def test_a_name_is_looked_up_once(root, server, settings, monkeypatch):
    """The second look would lead to the cloud's metadata: it never happens."""
    import httpx2

    looks: list[str] = []
    port = int(server.split(":")[2].split("/")[0])
    settings.LLM_ALLOWED_HOSTS = ["models.localhost"]

    async def answers(self, host, *args, **options):
        looks.append(host)
        address = "127.0.0.1" if len(looks) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answers)
    told = root.post("providers/test", {"base_url": f"http://models.localhost:{port}/v1"}).json()
    assert (told["ok"], looks) == (True, ["models.localhost"])
    with pytest.raises(httpx2.ConnectError, match="never called"):
        asyncio.run(address_of("models.localhost", port))
