"""Makes the long files that benchmarks.large_documents reads: Chinese text, so that the packaged English model
leaves them to the sparse index and the machinery itself is measured."""

from __future__ import annotations

import random
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.texts import markdown

HAN = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
PAGE = (595.0, 842.0)
LINES, COLUMNS = 38, 36
SHEET_ROWS = 50_000


def han(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(HAN, k=count))


def english_pdf(path: Path, pages: int) -> None:
    """38 lines of about 80 letters in a standard font, a page number."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=PAGE, pageCompression=1)
    for number in range(1, pages + 1):
        lines = textwrap.wrap(markdown(number, size=3_400).replace("#", ""), 80)[:LINES]
        canvas.setFont("Helvetica", 11)
        for line, text in enumerate(lines):
            canvas.drawString(72, 740 - line * 18, text)
        canvas.drawCentredString(297, 24, f"- {number} -")
        canvas.showPage()
    canvas.save()


def long_pdf(path: Path, pages: int, *, seed: int = 1) -> None:
    """Running header, page number, a heading every fifth page, 38 lines of 36 ideographs in a font that is not
    in the file."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    chance = random.Random(seed)
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), pagesize=PAGE, pageCompression=1)
    for number in range(1, pages + 1):
        canvas.setFont("STSong-Light", 9)
        canvas.drawString(72, 812, "某某单位规章制度汇编")
        canvas.drawCentredString(297, 24, f"- {number} -")
        if number % 5 == 1:
            canvas.setFont("STSong-Light", 18)
            canvas.drawString(72, 770, f"第{number // 5 + 1}章 {han(chance, 8)}")
        canvas.setFont("STSong-Light", 12)
        for line in range(LINES):
            text = han(chance, COLUMNS - 1) + ("。" if line % 4 == 3 else han(chance, 1))
            canvas.drawString(72, 740 - line * 18, text)
        canvas.showPage()
    canvas.save()


def large_xlsx(path: Path, megabytes: int, *, seed: int = 2) -> int:
    """Sheets of 50,000 rows: three texts of their own (shared strings) and five numbers each. Returns the rows."""
    chance = random.Random(seed)
    sheets = rows = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        strings = path.with_suffix(".strings")
        with strings.open("w", encoding="utf-8") as table:
            while path.stat().st_size + strings.stat().st_size // 2 < megabytes * 1_000_000:
                sheets += 1
                with book.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as part:
                    for xml in _sheet(chance, table, first=rows * 3):
                        part.write(xml.encode())
                rows += SHEET_ROWS
                table.flush()
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'{HEAD}<sst xmlns="{MAIN}" count="{rows * 3}">'.encode())
            with strings.open("rb") as table_in:
                while block := table_in.read(1 << 20):
                    part.write(block)
            part.write(b"</sst>")
        strings.unlink()
        _frame(book, sheets)
    return rows


HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _sheet(chance: random.Random, table, *, first: int) -> Iterator[str]:
    yield f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'
    for row in range(1, SHEET_ROWS + 1):
        cells = []
        for column in "ABC":
            text = "项目" if row == 1 else han(chance, 14)
            table.write(f"<si><t>{text}{column if row == 1 else ''}</t></si>")
            cells.append(
                f'<c r="{column}{row}" t="s"><v>{first + (row - 1) * 3 + "ABC".index(column)}</v></c>'
            )
        cells += [f'<c r="{column}{row}"><v>{chance.randrange(10**6)}</v></c>' for column in "DEFGH"]
        yield f'<row r="{row}">{"".join(cells)}</row>'
    yield "</sheetData></worksheet>"


def _frame(book: zipfile.ZipFile, sheets: int) -> None:
    numbers = range(1, sheets + 1)
    names = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    book.writestr(
        "xl/workbook.xml",
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets>{names}</sheets></workbook>',
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{RELS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    book.writestr(
        "xl/_rels/workbook.xml.rels",
        f'{HEAD}<Relationships xmlns="{package}/relationships">{links}</Relationships>',
    )
    book.writestr(
        "_rels/.rels",
        f'{HEAD}<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    book.writestr("xl/styles.xml", f'{HEAD}<styleSheet xmlns="{MAIN}"/>')
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPES}.worksheet+xml"/>'
        for n in numbers
    )
    parts += f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{TYPES}.sharedStrings+xml"/><Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>'
    book.writestr(
        "[Content_Types].xml",
        f'{HEAD}<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{parts}</Types>',
    )


def chinese_picture(path: Path, *, points: float, seed: int, font: str, dpi: int = 200) -> str:
    """A page as a PNG in that type size; returns its text."""
    from PIL import Image, ImageDraw, ImageFont

    chance = random.Random(seed)
    pixels = points * dpi / 72
    image = Image.new("L", (round(PAGE[0] * dpi / 72), round(PAGE[1] * dpi / 72)), 255)
    pen, face = ImageDraw.Draw(image), ImageFont.truetype(font, round(pixels))
    lines = [han(chance, round(430 / points)) for _ in range(round(640 / (points * 1.7)))]
    for number, line in enumerate(lines):
        pen.text((200, 220 + number * pixels * 1.7), line, font=face, fill=0)
    image.save(path, dpi=(dpi, dpi))
    return "".join(lines)
