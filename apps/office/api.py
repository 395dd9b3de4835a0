"""REST of office writing: its routers, put together for the interface."""

from __future__ import annotations

from ninja import Router

from apps.office.api_files import router as files_router
from apps.office.api_forms import router as forms_router
from apps.office.api_notices import router as notices_router
from apps.office.api_proofread import router as proofread_router
from apps.office.api_webhooks import router as webhooks_router

routers: tuple[Router, ...] = (
    proofread_router,
    files_router,
    notices_router,
    forms_router,
    webhooks_router,
)
