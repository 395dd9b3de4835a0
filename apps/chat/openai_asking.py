"""What an OpenAI client may ask of a cabinet: each field works, is harmless, or is refused in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from ninja import Field, Schema

from apps.core.problems import FieldError, Problem

EVERYTHING = "askive"
MOST_STOPS, LONGEST_STOP, MOST_TOKENS = 4, 200, 131_072
TEXT_PARTS = {"text", "input_text"}


class ChatMessage(Schema):
    role: str
    content: str | list[dict[str, Any]] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            parts = (part for part in self.content if part.get("type") in TEXT_PARTS)
            return "\n".join(str(part.get("text", "")) for part in parts)
        return self.content or ""


class StreamOptions(Schema):
    include_usage: bool = False


class CompletionIn(Schema):
    """Fields that are not named here (user, metadata, store …) have no effect on an answer and are passed over."""

    model: str = Field(EVERYTHING, max_length=200)
    messages: list[ChatMessage] = Field(..., min_length=1, max_length=1000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    stop: str | list[str] | None = None
    n: int | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    tool_choice: Any = None
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: dict[str, Any] | None = None

    @property
    def usage_wanted(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def stops(self) -> list[str]:
        """An empty string ends nothing: some programs send it for "none"."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return list(dict.fromkeys(one for one in given if one))

    def parameters(self) -> dict[str, Any]:
        """For the model. More tokens than any answer has are as many as there may be."""
        names = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed")
        chosen: dict[str, Any] = {name: getattr(self, name) for name in names}
        most = self.max_completion_tokens or self.max_tokens
        chosen["max_tokens"] = min(most, MOST_TOKENS) if most else None
        chosen["stop"] = self.stops or None
        return {name: value for name, value in chosen.items() if value is not None}


def check_abilities(payload: CompletionIn) -> None:
    """What a cabinet cannot do is refused, rather than left out without a word. Raises Problem 400."""
    for field, (asked, message) in _refusals(payload).items():
        if asked:
            raise _refused(field, message, code="unsupported_parameter")
    if len(payload.stops) > MOST_STOPS or any(len(one) > LONGEST_STOP for one in payload.stops):
        message = _("At most %(most)d stop strings of at most %(length)d characters each.")
        raise _refused("stop", message % {"most": MOST_STOPS, "length": LONGEST_STOP}, code="invalid_value")


def _refusals(payload: CompletionIn) -> Mapping[str, tuple[bool, str]]:
    wants_tools = bool(payload.tools or payload.functions) and payload.tool_choice != "none"
    form = (payload.response_format or {}).get("type", "text")
    lists = (message.content for message in payload.messages if isinstance(message.content, list))
    kinds = {str(part.get("type")) for parts in lists for part in parts}
    return {
        "n": ((payload.n or 1) != 1, _("One answer a request: leave n out or set it to 1.")),
        "tools": (wants_tools, _("A cabinet calls no tools or functions. Ask without them.")),
        "messages": (
            not kinds <= TEXT_PARTS,
            _("Only text can be asked: images, sound and files cannot be read here."),
        ),
        "response_format": (form != "text", _("Answers are text: JSON formats are not offered.")),
        "modalities": (bool(set(payload.modalities or ()) - {"text"}), _("Answers are text only.")),
        "logprobs": (
            bool(payload.logprobs or payload.top_logprobs),
            _("Probabilities of tokens are not given."),
        ),
        "logit_bias": (
            bool(payload.logit_bias),
            _("Single tokens cannot be weighted: leave logit_bias out."),
        ),
    }


def _refused(field: str, message: str, *, code: str) -> Problem:
    error: FieldError = {"field": field, "message": message}
    return Problem(400, message, code=code, errors=[error])
