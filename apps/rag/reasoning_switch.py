"""Switching a model's thinking on or off, where the model is of a family that has such a switch.

Templates of the Qwen3 and GLM kind take `enable_thinking`, DeepSeek's hybrids `thinking`; OpenAI's and gpt-oss
take an effort, which cannot be nought. Other models are sent nothing: an endpoint may refuse what it does not know
(and if it does, llm_faults.HABITS leaves it out from then on).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

Wanted = Literal["auto", "on", "off"]

_TEMPLATE = re.compile(
    r"qwen-?3(?!.*(?:instruct|thinking|coder|embedding|rerank))|glm-?4\.[5-9]|hunyuan-a13b", re.I
)
_DEEPSEEK = re.compile(r"deepseek-?(?:chat-)?v3\.[1-9]", re.I)
_EFFORT = re.compile(r"(?:^|/)(?:gpt-oss|gpt-5|o[134](?:-|$))", re.I)


def has_switch(model: str) -> bool:
    return bool(_fields(model, on=True))


def switched(parameters: Mapping[str, Any], *, model: str) -> dict[str, Any]:
    """The parameters of a request, with `reasoning` (auto, on, off) in the words of this model, or left out."""
    kept = dict(parameters)
    wanted = kept.pop("reasoning", "auto")
    return kept | (_fields(model, on=wanted == "on") if wanted in {"on", "off"} else {})


def _fields(model: str, *, on: bool) -> dict[str, Any]:
    name = model.replace("_", "-")
    if _TEMPLATE.search(name):
        return {"chat_template_kwargs": {"enable_thinking": on}}
    if _DEEPSEEK.search(name):
        return {"chat_template_kwargs": {"thinking": on}}
    if _EFFORT.search(name):
        return {"reasoning_effort": "high" if on else "low"}
    return {}
