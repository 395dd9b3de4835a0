"""Settings, their example file and the compose file agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured

from config import env

ROOT = Path(__file__).resolve().parent.parent
READ = re.compile(r'env\.(?:text|integer|decimal|flag|words|secret)\(\s*"([A-Z_]+)"')
ALSO_READ = {"HOST", "PORT"}  # by manage.py serve


def names_in_settings() -> set[str]:
    files = (path.read_text() for path in (ROOT / "config").glob("*.py"))
    return {name for text in files for name in READ.findall(text)} | ALSO_READ


def names_in_example() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))


def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_example_file_lists_exactly_what_is_read():
    assert names_in_example() == names_in_settings()


def test_every_setting_of_the_compose_file_is_known():
    known = names_in_settings()
    assert set(compose()["services"]["web"]["environment"]) <= known


def test_every_lasting_service_has_a_health_check_and_restarts():
    for name, service in compose()["services"].items():
        if name != "migrate":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_every_named_volume_is_declared():
    document = compose()
    used = {
        volume.split(":")[0]
        for service in document["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(document["volumes"])


def test_the_model_server_is_a_profile_of_its_own():
    assert compose()["services"]["ollama"]["profiles"] == ["llm"]


def test_web_waits_for_the_migration_and_every_dependency():
    needs = compose()["services"]["web"]["depends_on"]
    assert needs["migrate"]["condition"] == "service_completed_successfully"
    assert {"postgres", "redis", "qdrant"} <= set(needs)


@pytest.mark.parametrize("raw", ["maybe", "2", "TRUEISH"])
def test_a_flag_that_is_neither_true_nor_false_is_refused(monkeypatch, raw):
    monkeypatch.setenv("DEBUG", raw)
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        env.flag("DEBUG")


def test_a_number_that_is_none_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("MAX_UPLOAD_MB", "many")
    with pytest.raises(ImproperlyConfigured, match="MAX_UPLOAD_MB"):
        env.integer("MAX_UPLOAD_MB", 1)


def test_a_secret_is_made_once_and_kept_private(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = env.secret("SECRET_KEY", tmp_path / "secrets")
    assert env.secret("SECRET_KEY", tmp_path / "secrets") == first
    assert len(first) >= 50
    assert (tmp_path / "secrets" / "secret_key").stat().st_mode & 0o077 == 0
