"""Real footnotes in a Word file: the part that python-docx leaves out."""

from __future__ import annotations

from typing import Any

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
SEPARATORS = (
    f'<w:footnotes xmlns:w="{NAMESPACE}">'
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)


class Footnotes:
    """Numbered from 1; `save` puts them into the document."""

    def __init__(self, document: Any) -> None:
        from docx.oxml import parse_xml

        self._document = document
        self._root = parse_xml(SEPARATORS)
        self._count = 0

    def add(self, paragraph: Any, text: str) -> None:
        """A footnote at the end of what the paragraph holds now."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self._count += 1
        mark = paragraph.add_run()
        mark.font.superscript = True
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(self._count))
        mark._r.append(reference)
        self._root.append(self._note(text))

    def _note(self, text: str) -> Any:
        from docx.oxml import parse_xml
        from docx.oxml.ns import qn

        note = parse_xml(
            f'<w:footnote xmlns:w="{NAMESPACE}" w:id="{self._count}"><w:p>'
            '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
            '<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="FangSong"/>'
            '<w:sz w:val="18"/></w:rPr><w:t xml:space="preserve"> </w:t></w:r></w:p></w:footnote>'
        )
        list(note.iter(qn("w:t")))[-1].text = f" {text}"
        return note

    def save(self) -> None:
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part
        from lxml import etree

        if not self._count:
            return
        holder = self._document.part
        blob = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE, blob, holder.package)
        holder.relate_to(part, RELATION)
