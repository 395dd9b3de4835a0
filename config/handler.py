"""Django's ASGI handler with one way into a thread and one way out.

All of our middleware is synchronous, and so are nearly all views. Django's own handler goes to a thread for the
middleware, back to the loop for the view and into the thread again for a synchronous one; here the view is called
where the middleware runs. Asynchronous views are called on the loop as before, and what they stream is sent from it.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler


class OneThreadHandler(ASGIHandler):
    """ASGI application of all HTTP addresses but /mcp."""

    _middleware_chain: Any

    def load_middleware(self, is_async: bool = False) -> None:
        """The chain of a synchronous server, called from the loop as one function."""
        super().load_middleware(is_async=False)
        self._middleware_chain = sync_to_async(self._middleware_chain, thread_sensitive=True)
