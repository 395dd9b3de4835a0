"""Warnings for the reader of a document's page. Each is one string of two lines, Chinese and
English, since a parser does not know who will read it; `localise` picks a line."""

from __future__ import annotations

_SENTENCES = {
    "no_text_layer": (
        "第{pages}页没有文字层，内容尚未识别，检索不到。",
        "Page {pages} has no text layer; its content is not recognised yet and cannot be found.",
    ),
    "page_failed": ("第{pages}页无法读取，已跳过。", "Page {pages} cannot be read and was skipped."),
    "pages_cut": (
        "文件共 {total} 页，只处理了前 {kept} 页。",
        "The file has {total} pages; only the first {kept} were processed.",
    ),
    "encoding": (
        "无法确定文字编码，按 {encoding} 读取；如有乱码，请另存为 UTF-8 后重新上传。",
        "The character encoding is uncertain and was read as {encoding}; if the text is garbled, save it as UTF-8"
        " and upload it again.",
    ),
    "sheet_hidden": ("工作表“{sheet}”已隐藏，未入库。", "The sheet “{sheet}” is hidden and was left out."),
    "slide_hidden": ("第 {pages} 张幻灯片已隐藏，未入库。", "Slide {pages} is hidden and was left out."),
    "rows_cut": (
        "工作表“{sheet}”的行数过多，只处理了前 {kept} 行。",
        "The sheet “{sheet}” has too many rows; only the first {kept} were processed.",
    ),
    "columns_cut": (
        "工作表“{sheet}”的列数过多，只处理了前 {kept} 列。",
        "The sheet “{sheet}” has too many columns; only the first {kept} were processed.",
    ),
    "elements_cut": (
        "文件内容过多，只处理了前 {kept} 个段落。",
        "The file is too long; only its first {kept} parts were processed.",
    ),
    "formulas": (
        "工作表“{sheet}”中有未计算的公式，请在 Excel 中打开并保存后重新上传。",
        "The sheet “{sheet}” has formulas that were never calculated; open and save it in Excel, then upload it again.",
    ),
    "attachment_skipped": (
        "附件“{name}”未入库（{reason}）。",
        "The attachment “{name}” was left out ({reason}).",
    ),
    "attachments_cut": (
        "附件过多，只处理了前 {kept} 个。",
        "The message has too many attachments; only the first {kept} were processed.",
    ),
}


def note(code: str, /, **values: object) -> str:
    """The warning of that code, both languages, Chinese first."""
    chinese, english = _SENTENCES[code]
    flat = {key: str(value).replace("\n", " ") for key, value in values.items()}
    return f"{chinese.format(**flat)}\n{english.format(**flat)}"


def localise(warning: str, language: str) -> str:
    """The line of a warning for a reader of that language ("zh-hans", "en", …)."""
    chinese, _, english = warning.partition("\n")
    return chinese if language.lower().startswith("zh") or not english else english


def ranges(numbers: list[int]) -> str:
    """[1, 2, 3, 7] → "1–3, 7"."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in parts)
