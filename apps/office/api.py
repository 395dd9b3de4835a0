"""REST of office writing: its routers, put together for the interface."""

from __future__ import annotations

from ninja import Router

routers: tuple[Router, ...] = ()
