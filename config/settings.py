"""One settings file for every place: values come from the environment (.env.example lists them).

Without any value the embedded default runs: SQLite, Celery in a thread, Qdrant's engine in-process.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from dotenv import load_dotenv

from config import env, models, signin
from config.checks import (  # noqa: F401 - settings
    DOCTOR_CHECKS,
    FIRST_QUESTIONS,
    HEALTH_PROBES,
    NAV_COUNTS,
    PERSON_CHANGED,
)

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")

# Read by libraries at their import: no telemetry, no downloads, one thread each (see docs/decisions/0001).
for name, value in {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "1",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "LANGCHAIN_TRACING_V2": "false",
}.items():
    os.environ.setdefault(name, value)

DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
FILES_DIR = DATA_DIR / "files"
PARSED_DIR = DATA_DIR / "parsed"
SCRATCH_DIR = DATA_DIR / "scratch"

# --- Security ---------------------------------------------------------------------------------
PRODUCTION = env.flag("PRODUCTION")
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", DATA_DIR / "secrets")
if PRODUCTION and (DEBUG or len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10):
    raise ImproperlyConfigured(
        "In production DEBUG must be off and SECRET_KEY at least 50 random characters."
    )
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "*")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
HTTPS = env.flag("HTTPS", default=PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "askive_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTH_USER_MODEL = "accounts.User"
OIDC, LDAP, WORKPLACE = signin.oidc(), signin.ldap(), signin.workplace()
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "apps.accounts.ldap.backend.DirectoryBackend",  # does nothing without LDAP_URL
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "ask"
LOGOUT_REDIRECT_URL = "login"
LOGIN_ATTEMPTS = env.integer("LOGIN_ATTEMPTS", 10)  # failures per name and per address in 15 minutes

# A second copy of the audit trail: a file of JSON lines, syslog://host:514, or syslog: for this machine's own.
AUDIT_LOG = env.text("AUDIT_LOG")

# --- Applications -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "apps.core",
    "apps.accounts",
    "apps.cabinets",
    "apps.assistants",
    "apps.chat",
    "apps.quality",
    "apps.office",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
]
MIDDLEWARE = [
    "apps.core.middleware.request_id",
    "apps.core.middleware.errors_as_problems",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.accounts.middleware.profile_locale",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.middleware.device_seen",
    "apps.accounts.middleware.second_step_first",
    "apps.accounts.viewing.view_as",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.idempotency.replay_repeated_posts",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "apps.core.context.frame",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database, cache, broker ------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'askive.sqlite3'}")
DATABASES: dict[str, Any] = {"default": dict(dj_database_url.parse(DATABASE_URL, conn_max_age=0))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["ENGINE"] = "apps.core.sqlite_pool"
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; PRAGMA cache_size=-16000;",
    }
else:
    # A pool, since under ASGI every request would otherwise open a connection of its own.
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": env.integer("DATABASE_POOL", 16), "timeout": 10},
        "connect_timeout": 5,
    }
REDIS_URL = env.text("REDIS_URL")
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", REDIS_URL or "memory://localhost")
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 7200} if "redis" in CELERY_BROKER_URL else {"polling_interval": 0.05}
)
CELERY_BROKER_CONNECTION_TIMEOUT = 5
EMBEDDED = CELERY_BROKER_URL.startswith("memory://")  # the worker runs inside the web process
INGEST_WORKERS = env.integer("INGEST_WORKERS", 2)

# --- Ingestion --------------------------------------------------------------------------------
LEASE_SECONDS = env.integer("LEASE_SECONDS", 120)
WORKER_PULSE_SECONDS = env.integer(
    "WORKER_PULSE_SECONDS", 30
)  # between two calls of a worker to itself; 0: none
PARSER_PRELOAD = True  # seconds once, then milliseconds a file
MAX_ATTEMPTS = 3
BACKOFF_SECONDS = (5, 60)  # before the second and the third attempt
SWEEP_SECONDS = 30  # between two rounds of the embedded worker; beat has its own schedule
PROOFREAD_CHARACTERS = env.integer("PROOFREAD_CHARACTERS", 100_000)  # of one text
REPORT_UNANSWERED = env.flag("REPORT_UNANSWERED", default=True)  # into the inbox of the managers
MAX_UPLOAD_MB = env.integer("MAX_UPLOAD_MB", 200)
MAX_ARCHIVE_MB = env.integer("MAX_ARCHIVE_MB", 2048)
MAX_FILES_PER_UPLOAD = env.integer("MAX_FILES_PER_UPLOAD", 500)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_FILES_PER_UPLOAD
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- rag: each part by dotted path, as STORAGES does it ----------------------------------------
QDRANT_URL = env.text("QDRANT_URL")
COLLECTION = env.text("QDRANT_COLLECTION", "askive")
QDRANT_QUANTIZE = env.flag("QDRANT_QUANTIZE", default=False)
MODELS_DIR = DATA_DIR / "models"  # of `manage.py models`, a folder each
MODEL_HUB = env.text("MODEL_HUB", "https://huggingface.co")
# Where questions with known answers come from when two models are compared.
MODEL_QUESTIONS = ["apps.quality.model_questions.golden_questions", "apps.cabinets.comparing.demo_questions"]

RAG: dict[str, Any] = {
    "STORE": {
        "BACKEND": "apps.rag.stores.qdrant.QdrantStore",
        "OPTIONS": {
            "url": QDRANT_URL,
            "api_key": env.text("QDRANT_API_KEY"),
            "collection": COLLECTION,
            "quantize": QDRANT_QUANTIZE,
        },
    }
    if QDRANT_URL
    else {"BACKEND": "apps.rag.stores.edge.EdgeStore", "OPTIONS": {"path": DATA_DIR / "qdrant"}},
    "EMBEDDER": models.embedder("background", env.integer("EMBED_PROCESSES", min(2, os.cpu_count() or 1))),
    "QUERY_EMBEDDER": models.embedder("interactive", 1),
    "INDEX": "apps.cabinets.serving.serving_index",
    "SPARSE": {"BACKEND": "apps.rag.sparse.BigramEncoder", "OPTIONS": {}},
    "RERANKER": models.reranker(),
    "PARSER_LIMITS": {
        "max_bytes": MAX_UPLOAD_MB * 1024 * 1024,
        "memory": env.integer("PARSER_MEMORY_MB", 1536) * 1024 * 1024,
        "wall_max": env.decimal("PARSER_SECONDS", 2700),
    },
}

# Fernet keys for secrets that are kept in the database; the first encrypts. Empty: derived from SECRET_KEY.
SECRETS_KEYS = env.words("SECRETS_KEYS")
IDEMPOTENCY_PRINCIPAL = "apps.accounts.auth.principal_of"
# --- Chat model -------------------------------------------------------------------------------
LLM_BASE_URL = env.text("LLM_BASE_URL")
LLM_API_KEY = env.text("LLM_API_KEY")
LLM_MODEL = env.text("LLM_MODEL")
# Hosts (host or host:port, *.example.com) of the chat models that administrators enter on the page.
LLM_ALLOWED_HOSTS = env.words("LLM_ALLOWED_HOSTS", "localhost,127.0.0.1,::1,host.docker.internal,ollama,vllm")
# Hosts that webhooks may call, as above. Empty: none.
WEBHOOK_ALLOWED_HOSTS = env.words("WEBHOOK_ALLOWED_HOSTS")
LLM_DISCOVERY = env.words("LLM_DISCOVERY", "http://127.0.0.1:11434/v1,http://127.0.0.1:8000/v1")
# Whether sentences whose words do not settle it are compared with their passages by the reranker or embedder.
CHECK_MEANING = env.flag("CHECK_MEANING", default=True)
LLM_CONTEXT_TOKENS = env.integer("LLM_CONTEXT_TOKENS", 8192)
LLM_TIMEOUTS: dict[str, Any] = {
    "connect_s": 5.0,
    "first_token_s": env.decimal("LLM_FIRST_TOKEN_SECONDS", 60),
    "idle_s": env.decimal("LLM_IDLE_SECONDS", 30),
    "total_s": env.decimal("LLM_TOTAL_SECONDS", 600),
}

# --- Languages, static files, logs ------------------------------------------------------------
LANGUAGE_CODE = env.text("LANGUAGE", "zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "askive_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG

LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "apps": {"handlers": ["stderr"], "level": LOG_LEVEL, "propagate": False},
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
