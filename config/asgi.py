"""The ASGI application: Django, plus the start and stop of what lives as long as the server."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from apps.chat.mcp.application import mcp_application  # noqa: E402 - needs the apps to be loaded
from config.handler import OneThreadHandler  # noqa: E402
from config.lifespan import lifespan  # noqa: E402

django_application = OneThreadHandler()


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] in {"/mcp", "/mcp/"}:
        await mcp_application(scope, receive, send)
    else:
        await django_application(scope, receive, send)
