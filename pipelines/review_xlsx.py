"""The smallest XLSX (ECMA-376, Office Open XML) that holds text: cells of text alone out, the first sheet's cells back in.

Every cell is an inline string under the style ``quotePrefix``, so a spreadsheet takes it for text even when it is edited.
The same rows give the same bytes: entries have one date. What comes back is hostile until read: bounded in size, entities
are not resolved, nothing outside the file is asked for.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from schemas.errors import ConfigError

MOST_BYTES: Final = 1 << 29
"""Of one part of the file, unpacked."""
MOST_COLUMNS: Final = 256
_SHEET: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_SHEET}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf xfId="0"/><xf xfId="0" numFmtId="49" quotePrefix="1" applyNumberFormat="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf></cellXfs></styleSheet>'
)
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")


def workbook(sheets: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> bytes:
    """The bytes of a workbook: *sheets* are names with their rows of text, the first row of the first stays in sight."""
    parts = {
        "[Content_Types].xml": _types(len(sheets)),
        "_rels/.rels": _relations([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book([name for name, _ in sheets]),
        "xl/_rels/workbook.xml.rels": _relations(
            [*((f"rId{i}", "worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(sheets) + 1)),
             (f"rId{len(sheets) + 1}", "styles", "styles.xml")]
        ),
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{i}.xml": _sheet(rows, frozen=i == 1) for i, (_, rows) in enumerate(sheets, 1)},
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, text.encode())
    return out.getvalue()


def first_sheet(data: bytes, place: str) -> list[list[str]]:
    """The rows of the first sheet as text, whole numbers without a fraction. Raises `ConfigError` naming *place*."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            shared = _shared(_part(file, "xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in file.namelist() else []
            return _rows(_part(file, _first_name(file)), shared)
    except (
        zipfile.BadZipFile,
        etree.XMLSyntaxError,
        KeyError,
        ValueError,
        IndexError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise ConfigError(
            f"{place}: is no whole XLSX ({type(error).__name__}); save the worksheet again, or as CSV"
        ) from error


def _types(sheets: int) -> str:
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    named = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    named += [(f"/xl/worksheets/sheet{i}.xml", "worksheet") for i in range(1, sheets + 1)]
    parts = "".join(f'<Override PartName="{name}" ContentType="{main}.{kind}+xml"/>' for name, kind in named)
    return (
        f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
    )


def _relations(of: Sequence[tuple[str, str, str]]) -> str:
    told = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in of)
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{told}</Relationships>'


def _book(names: Sequence[str]) -> str:
    sheets = "".join(f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(names, 1))
    return f'{_HEAD}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _sheet(rows: Sequence[Sequence[str]], *, frozen: bool) -> str:
    view = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' if frozen else ""
    body = "".join(f'<row r="{i}">{"".join(_cells(i, row))}</row>' for i, row in enumerate(rows, 1))
    return (
        f'{_HEAD}<worksheet xmlns="{_SHEET}"><sheetViews><sheetView workbookViewId="0">{view}</sheetView></sheetViews>'
        f"<sheetData>{body}</sheetData></worksheet>"
    )


def _cells(number: int, row: Sequence[str]) -> Iterator[str]:
    for i, value in enumerate(row):
        yield f'<c r="{_letters(i)}{number}" s="1" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def _letters(column: int) -> str:
    left, right = divmod(column, 26)
    return (_letters(left - 1) if left else "") + chr(ord("A") + right)


def _part(file: zipfile.ZipFile, name: str) -> etree._Element:
    if file.getinfo(name).file_size > MOST_BYTES:
        raise ValueError(name)
    with file.open(name) as part:
        data = part.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    found = etree.fromstring(data, parser)
    if found.getroottree().docinfo.doctype:
        raise ValueError(name)  # no spreadsheet writes a document type; entities live there
    return found


def _first_name(file: zipfile.ZipFile) -> str:
    """Where the first sheet lies, as the workbook says."""
    sheet = next(_named(_part(file, "xl/workbook.xml"), "sheet"), None)
    wanted = None if sheet is None else sheet.get(f"{{{_OFFICE}}}id")
    for one in _part(file, "xl/_rels/workbook.xml.rels"):
        if one.get("Id") == wanted:
            target = one.get("Target") or ""
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(wanted)


def _shared(strings: etree._Element) -> list[str]:
    return [_text(one) for one in _named(strings, "si")]


def _rows(sheet: etree._Element, shared: Sequence[str]) -> list[list[str]]:
    found = []
    for row in _named(sheet, "row"):
        cells: dict[int, str] = {}
        for i, cell in enumerate(_named(row, "c")):
            reference = _REFERENCE.fullmatch(cell.get("r") or "")
            column = _number(reference.group(1)) if reference else i
            if column < MOST_COLUMNS:
                cells[column] = _value(cell, shared)
        found.append([cells.get(i, "") for i in range(max(cells, default=-1) + 1)])
    return found


def _value(cell: etree._Element, shared: Sequence[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(_text(one) for one in _named(cell, "is"))
    value = next((one.text or "" for one in _named(cell, "v")), "")
    if cell.get("t") == "s":
        return shared[int(value)]
    return value.removesuffix(".0") if cell.get("t") in (None, "n") else value


def _text(item: etree._Element) -> str:
    """The text of a string item: of its runs too, not of its readings (phonetic guides)."""
    return "".join(one.text or "" for one in _named(item, "t") if not _local(one.getparent()).startswith("rPh"))


def _named(top: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in top.iter() if isinstance(one.tag, str) and _local(one) == name)


def _local(of: etree._Element) -> str:
    return str(etree.QName(of).localname)


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found - 1
