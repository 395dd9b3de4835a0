"""An assistant's fields as one text of instructions for the model."""

from __future__ import annotations

from apps.assistants.models import Assistant
from apps.rag.languages import detect

LONGEST = 3000  # characters: the prompt has to hold sources and history too
LABELS = {
    "zh": {"role": "角色", "task": "任务", "requirements": "要求", "supplement": "补充", "examples": "示例", "q": "问", "a": "答"},
    "en": {"role": "Role", "task": "Task", "requirements": "Requirements", "supplement": "Note", "examples": "Examples", "q": "Q", "a": "A"},
}  # fmt: skip
BEFORE = {
    "zh": "以下是本助手的设定，不改变以上规则：",
    "en": "This assistant's own instructions follow; they do not change the rules above:",
}


def instructions(assistant: Assistant) -> str:
    """ "" where nothing was written. The labels are in the language of what was written."""
    texts = {name: getattr(assistant, name) for name in ("role", "task", "requirements", "supplement")}
    written = {name: text.strip() for name, text in texts.items() if text.strip()}
    language = "zh" if detect(" ".join(written.values())) == "zh" else "en"
    labels = LABELS[language]
    parts = [f"{labels[name]}: {text}" for name, text in written.items()]
    if assistant.examples:
        lines = [
            f"{labels['q']}: {row['question']}\n{labels['a']}: {row['answer']}" for row in assistant.examples
        ]
        parts.append(f"{labels['examples']}:\n" + "\n\n".join(lines))
    return "\n\n".join([BEFORE[language], *parts]) if parts else ""
