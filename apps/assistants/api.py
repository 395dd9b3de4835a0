"""The REST routers of this application."""

from apps.assistants.api_assistants import router as assistants_router
from apps.assistants.api_models import router as models_router
from apps.assistants.api_providers import router as providers_router
from apps.assistants.api_usage import router as usage_router

routers = [assistants_router, models_router, providers_router, usage_router]
