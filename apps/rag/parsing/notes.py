"""Warnings for the reader of a document's page. Each is one string of two lines, Chinese and
English, since a parser does not know who will read it; `localise` picks a line."""

from __future__ import annotations

_SENTENCES = {
    "no_text_layer": (
        "第{pages}页没有文字层，且未安装文字识别，内容检索不到。",
        "Page {pages} has no text layer and no text recognition is installed; its content cannot be found.",
    ),
    "recognised": (
        "第{pages}页的文字由图像识别得到，可能有误，请以原件为准。",
        "The text of page {pages} was recognised from a picture and may have errors; the original counts.",
    ),
    "not_recognised": (
        "识别用时或页数已达上限，第{pages}页未识别，检索不到；请拆分后分别上传。",
        "The limit of recognition was reached; page {pages} was left out and cannot be found. Split the file and"
        " upload the parts.",
    ),
    "recognised_later": (
        "第{pages}页是图像，正在后台识别文字，完成后即可检索。",
        "Page {pages} is a picture; its text is being recognised in the background and can be found after that.",
    ),
    "attachment_later": (
        "附件“{name}”是图像，正在后台识别文字，完成后即可检索。",
        "The attachment “{name}” is a picture; its text is being recognised in the background and can be found after"
        " that.",
    ),
    "deep_failed": (
        "文字层已入库，可以检索；图像页或表格的进一步识别没有完成：{chinese}可点“重新读取”再试。",
        "The text layer is searched. Recognising its pictures or tables did not succeed: {english} It can be read"
        " again at any time.",
    ),
    "picture_shrunk": (
        "第{pages}页的图像过大，已缩小后识别，小字可能有误。",
        "The picture of page {pages} is very large and was made smaller to be recognised; small type may have errors.",
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
    "attachment_refused": (
        "附件“{name}”的格式不受支持，未入库；如有需要，请转换格式后单独上传。",
        "The attachment “{name}” is of a kind that cannot be read and was left out; if it matters, convert it and upload it by itself.",
    ),
    "parts_missing": (
        "文件中缺少 {count} 个章节，其余内容已入库。",
        "{count} chapters are missing from the file; the rest was processed.",
    ),
    "attachment_legacy": (
        "附件“{name}”是旧版 Office 格式，在邮件内无法转换，未入库；请单独上传该附件。",
        "The attachment “{name}” is in an old Office format that cannot be converted inside a message; upload it by itself.",
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
