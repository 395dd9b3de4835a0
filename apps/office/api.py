"""REST of office writing: its routers, put together for the interface."""

from __future__ import annotations

from ninja import Router

from apps.office.api_files import router as files_router
from apps.office.api_proofread import router as proofread_router

routers: tuple[Router, ...] = (proofread_router, files_router)
