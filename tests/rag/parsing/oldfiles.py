"""Small files in formats that no library at hand writes: built byte by byte, as their standards say."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
Tree = Mapping[str, "bytes | Tree"]


def ole(tree: Tree) -> bytes:
    """A compound file (MS-CFB version 3) with small streams; folders are nested mappings."""
    entries: list[list[object]] = [["Root Entry", 5, _FREE, _END, 0]]
    mini = bytearray()
    mini_fat: list[int] = []

    def add(children: Tree, parent: int) -> None:
        previous = parent
        for name, value in children.items():
            index = len(entries)
            entries.append([name, 2 if isinstance(value, bytes) else 1, _FREE, _END, 0, _FREE])
            if previous == parent:
                entries[parent][2] = index
            else:
                entries[previous][5] = index
            previous = index
            if not isinstance(value, bytes):
                add(value, index)
                continue
            assert len(value) < _CUTOFF
            count = -(-len(value) // _MINI)
            first = len(mini) // _MINI
            if count:
                entries[index][3], entries[index][4] = first, len(value)
                mini_fat.extend([*range(first + 1, first + count), _END])
                mini.extend(value.ljust(count * _MINI, b"\0"))

    add(tree, 0)
    return _assembled(entries, bytes(mini), mini_fat)


def _assembled(entries: list[list[object]], mini: bytes, mini_fat: list[int]) -> bytes:
    def sectors(size: int) -> int:
        return -(-size // _SECTOR)

    directory_count, mini_count = sectors(len(entries) * 128), sectors(len(mini))
    fat_table_count = max(1, sectors(len(mini_fat) * 4))
    starts = {"fat": 0, "dir": 1, "minifat": 1 + directory_count}
    starts["mini"] = starts["minifat"] + fat_table_count
    fat = [_FAT]
    for start, count in (
        (starts["dir"], directory_count),
        (starts["minifat"], fat_table_count),
        (starts["mini"], mini_count),
    ):
        if count:
            fat += [*range(start + 1, start + count), _END]
    assert len(fat) <= 128
    entries[0][3], entries[0][4] = (starts["mini"], len(mini)) if mini else (_END, 0)
    directory = b"".join(_entry(*entry) for entry in entries).ljust(directory_count * _SECTOR, b"\0")  # type: ignore[arg-type]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack(
        "<IIIIIIIII", 0, 1, starts["dir"], 0, _CUTOFF, starts["minifat"], fat_table_count, _END, 0
    )
    header += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    table = struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(fat_table_count * _SECTOR, b"\xff")
    blocks = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    return header + blocks + directory + table + mini.ljust(mini_count * _SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int, sibling: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded) + 2, kind, 1, _FREE, sibling, child)
    return (head + bytes(36) + struct.pack("<IQ", start, size)).ljust(128, b"\0")


def outlook(
    subject: str, body: str, files: Mapping[str, bytes], *, html: str = "", code_page: int | None = None
) -> bytes:
    """An Outlook message; with a code page its body is stored in 8 bits."""
    texts = {0x0037: subject, 0x0C1A: "人事部", 0x007D: "From: 人事部 <hr@example.com>\n"}
    tree: dict[str, bytes | Tree] = {}
    properties = struct.pack("<IIQ", 0x340D0003, 6, 0x40000)
    for number, text in texts.items():
        tree[f"__substg1.0_{number:04X}001F"], row = _text(number, text)
        properties += row
    if code_page:
        data = body.encode(f"cp{code_page}")
        tree["__substg1.0_1000001E"] = data
        properties += struct.pack("<IIII", 0x1000001E, 6, len(data) + 1, 0)
        properties += struct.pack("<IIQ", 0x3FFD0003, 6, code_page)
    elif body:
        tree["__substg1.0_1000001F"], row = _text(0x1000, body)
        properties += row
    if html:
        tree["__substg1.0_10130102"] = html.encode()
        properties += struct.pack("<IIII", 0x10130102, 6, len(html.encode()), 0)
    for index, (name, data) in enumerate(files.items()):
        tree[f"__attach_version1.0_#{index:08X}"] = _attachment(name, data)
    tree["__properties_version1.0"] = struct.pack("<8xIIII8x", 0, len(files), 0, len(files)) + properties
    tree["__nameid_version1.0"] = {}
    return ole(tree)


def _text(number: int, text: str) -> tuple[bytes, bytes]:
    data = text.encode("utf-16-le")
    return data, struct.pack("<IIII", number << 16 | 0x1F, 6, len(data) + 2, 0)


def _attachment(name: str, data: bytes) -> Tree:
    stored, row = _text(0x3707, name)
    properties = bytes(8) + row + struct.pack("<IIQ", 0x37050003, 6, 1)
    properties += struct.pack("<IIII", 0x37010102, 6, len(data), 0)
    return {
        "__properties_version1.0": properties,
        "__substg1.0_3707001F": stored,
        "__substg1.0_37010102": data,
    }


def excel97(sheets: Mapping[str, Sequence[Sequence[object]]], *, encrypted: bool = False) -> bytes:
    """A BIFF8 workbook of text and numbers; a sheet whose name begins with "_" is hidden."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def sheet(rows: Sequence[Sequence[object]]) -> bytes:
        out = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, str) and value:
                    text = struct.pack("<HHHHB", row, column, 0, len(value), 1) + value.encode("utf-16-le")
                    out += record(0x204, text)
                elif isinstance(value, int | float):
                    out += record(0x203, struct.pack("<HHHd", row, column, 0, value))
        return out + record(0x0A)

    parts = [sheet(rows) for rows in sheets.values()]
    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    if encrypted:
        head += record(0x2F, bytes(6))
    font = struct.pack("<HHHHHBBBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0, 5, 0) + b"Arial"
    head += record(0x42, struct.pack("<H", 1200)) + record(0x31, font) * 4 + record(0xE0, bytes(20))
    bounds = [8 + 4 + len(name.encode("utf-16-le")) for name in sheets]
    place = len(head) + sum(bounds) + 4
    for name, part in zip(sheets, parts, strict=True):
        hidden = int(name.startswith("_"))
        head += record(0x85, struct.pack("<IBBBB", place, hidden, 0, len(name), 1) + name.encode("utf-16-le"))
        place += len(part)
    return head + record(0x0A) + b"".join(parts)


def zipped(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


_ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style",
        "presentation": "presentation", "svg": "svg-compatible", "fo": "xsl-fo-compatible", "manifest": "manifest",
    }.items()
)  # fmt: skip


def opendocument(
    path: Path, kind: str, body: str, *, styles: str = "", manifest: str = "", head: str = ""
) -> Path:
    """`body` is what stands inside office:text, office:spreadsheet or office:presentation."""
    content = f"""<?xml version="1.0"?>{head}<office:document-content {_ODF}>
<office:automatic-styles>{styles}</office:automatic-styles>
<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"""
    files = f"<manifest:manifest {_ODF}>{manifest}</manifest:manifest>"
    return zipped(path, {"content.xml": content, "META-INF/manifest.xml": files})


def epub(path: Path, pages: Mapping[str, str], *, spine: Sequence[str] | None = None, **parts: str) -> Path:
    """`pages` by their name; `spine` is their order where it is another one."""
    items = "".join(f'<item id="{n}" href="{n}" media-type="application/xhtml+xml"/>' for n in pages)
    order = "".join(f'<itemref idref="{name}"/>' for name in spine or pages)
    opf = f"""<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>员工手册</dc:title><dc:creator>人事部</dc:creator></metadata>
<manifest>{items}</manifest><spine>{order}</spine></package>"""
    container = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""
    files = {"META-INF/container.xml": container, "OEBPS/book.opf": opf}
    files |= {f"OEBPS/{name}": f"<html><body>{text}</body></html>" for name, text in pages.items()}
    return zipped(path, files | {f"META-INF/{name}.xml": text for name, text in parts.items()})


def ofd(
    path: Path,
    pages: Sequence[str],
    *,
    common: str = "",
    info: str = "",
    parts: Mapping[str, bytes | str] = {},
) -> Path:  # noqa: B006
    """`pages` is what stands inside the layer of each page of 210 × 297 mm."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/{n}.xml"/>' for n in range(len(pages)))
    files: dict[str, bytes | str] = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocInfo><ofd:Title>公文</ofd:Title>{info}</ofd:DocInfo>"
        "<ofd:DocRoot>/Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
        f"</ofd:PhysicalBox></ofd:PageArea>{common}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    for number, body in enumerate(pages):
        files[f"Doc_0/Pages/{number}.xml"] = (
            f"<ofd:Page {space}><ofd:Content><ofd:Layer>{body}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return zipped(path, files | dict(parts))


def ofd_text(text: str, *, x: float, y: float, size: float = 4, steps: str = "") -> str:
    """One text object whose baseline stands at (x, y + size) millimetres."""
    delta = f' DeltaX="{steps or f"g {max(1, len(text) - 1)} {size}"}"'
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y} 180 {size * 1.3}" Size="{size}">'
        f'<ofd:TextCode X="0" Y="{size}"{delta}>{text}</ofd:TextCode></ofd:TextObject>'
    )
