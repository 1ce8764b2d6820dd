"""Worksheets: no cell is ever a formula, what was written comes back, and what spreadsheets and enemies make of one."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from pipelines.review_sheet import HEADS, plain, read_sheet, safe, write_sheet
from pipelines.review_xlsx import first_sheet, workbook
from schemas.errors import ConfigError

COLUMNS = ("draw", "number", "id", "shard", "text", "verdict", "reviewer", "note")
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "'=1",
    '=HYPERLINK("http://x","y")',
    "\ufeff=1",
    "　-2",
)


def row(number: int, **more: str) -> dict[str, str]:
    return {"draw": "ab" * 8, "number": str(number), "id": f"{number:016x}", "shard": "a.jsonl", **more}


@pytest.mark.parametrize("name", ["sheet.csv", "sheet.xlsx"])
def test_what_is_written_comes_back(tmp_path: Path, name: str):
    texts = [
        "今天天气很好，\n适合出门。",
        'a "quoted", text',
        "x" * 30_000,
        "tab\tinside",
        "\x00\x0b\ud800 broken",
        *FORMULAS,
    ]
    path = tmp_path / name
    write_sheet(path, COLUMNS, [row(i, text=t) for i, t in enumerate(texts, 1)], ["题目", "=about"])
    data, rows = read_sheet(path)
    assert data == path.read_bytes()
    assert [r["number"] for r in rows] == [str(i) for i in range(1, len(texts) + 1)]
    assert (
        rows[0]["text"] == "今天天气很好，\n适合出门。"
        and rows[1]["text"] == 'a "quoted", text'
        and len(rows[2]["text"]) == 30_000
    )
    assert rows[4]["text"] == "\ufffd\ufffd\ufffd broken"
    assert all(set(r) == set(COLUMNS) for r in rows)


def test_no_cell_of_a_csv_begins_like_a_formula(tmp_path: Path):
    path = tmp_path / "sheet.csv"
    write_sheet(path, COLUMNS, [row(i, text=t, shard=t) for i, t in enumerate(FORMULAS, 1)], [])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    for line in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")):
        assert not [cell for cell in line if cell.lstrip(" \t\r\n\u3000\ufeff")[:1] in tuple("=+-@＝＋－＠")]


def test_every_cell_of_a_workbook_is_text_that_stays_text_when_it_is_edited(tmp_path: Path):
    path = tmp_path / "sheet.xlsx"
    write_sheet(path, COLUMNS, [row(i, text=t) for i, t in enumerate(FORMULAS, 1)], ["=1"])
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
            cells = [c for c in etree.fromstring(file.read(name)).iter() if etree.QName(c).localname == "c"]
            assert cells and {(c.get("t"), c.get("s")) for c in cells} == {("inlineStr", "1")}
            assert not [c for c in cells for child in c if etree.QName(child).localname == "f"]
        assert b'quotePrefix="1"' in file.read("xl/styles.xml")
    other = tmp_path / "other.xlsx"
    write_sheet(other, COLUMNS, [row(i, text=t) for i, t in enumerate(FORMULAS, 1)], ["=1"])
    assert other.read_bytes() == path.read_bytes()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_a_safe_cell_is_never_a_formula_and_loses_nothing_that_a_cell_can_hold(text: str):
    cell = safe(text)
    assert not cell.lstrip(" \u00a0\u3000\ufeff").startswith(
        ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    )
    assert first_sheet(workbook([("a", [[cell]])]), "x")[0] == [cell.replace("\r", "\n") if "\r" in cell else cell]


def test_a_worksheet_is_never_written_over_and_has_one_of_two_names(tmp_path: Path):
    (tmp_path / "there.csv").write_text("mine")
    for name, match in (
        ("there.csv", "exists already"),
        ("sheet.ods", "is .xlsx or .csv"),
        ("no/sheet.csv", "cannot be written"),
    ):
        with pytest.raises(ConfigError, match=match):
            write_sheet(tmp_path / name, COLUMNS, [], [])
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_what_spreadsheets_write_back_is_read(tmp_path: Path):
    head = [f"{c} {HEADS[c]}" for c in COLUMNS]
    line = ["ab" * 8, "1", "01", "a.jsonl", "正文", "合格", "李", ""]
    for sign, coding in ((",", "utf-8"), (";", "utf-8-sig"), ("\t", "gb18030")):
        path = tmp_path / f"{coding}.csv"
        path.write_bytes("\n".join(sign.join(cells) for cells in (head, line, [""] * 8)).encode(coding))
        assert read_sheet(path)[1] == [dict(zip(COLUMNS, line, strict=True))]
    # A program that keeps its strings in one table, numbers as numbers, rich text in runs, and leaves empty cells out.
    strings = "".join(f"<si><t>{t}</t></si>" for t in ("draw", "number", "id", "verdict 结论", "reviewer", "ab"))
    strings += "<si><r><t>合</t></r><r><t>格</t></r><rPh><t>reading</t></rPh></si>"
    cells = "".join(f'<c r="{x}1" t="s"><v>{i}</v></c>' for i, x in enumerate("ABCDE"))
    more = '<c r="A2" t="s"><v>5</v></c><c r="B2"><v>7.0</v></c><c r="D2" t="s"><v>6</v></c><c r="E2" t="str"><v>Li</v></c>'
    path = tmp_path / "saved.xlsx"
    with zipfile.ZipFile(path, "w") as file, zipfile.ZipFile(io.BytesIO(workbook([("a", [["x"]])]))) as ours:
        for name in ours.namelist():
            file.writestr(
                name, ours.read(name) if "sheet1" not in name else _sheet(f"<row>{cells}</row><row>{more}</row>")
            )
        file.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{strings}</sst>')
    assert read_sheet(path)[1] == [{"draw": "ab", "number": "7", "id": "", "verdict": "合格", "reviewer": "Li"}]


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _sheet(rows: str) -> str:
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _workbook_with(sheet: str) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file,
        zipfile.ZipFile(io.BytesIO(workbook([("a", [["x"]])]))) as ours,
    ):
        for name in ours.namelist():
            file.writestr(name, sheet if "sheet1" in name else ours.read(name))
    return out.getvalue()


def test_a_hostile_workbook_is_refused_and_reads_no_file(tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    entity = f'<!DOCTYPE w [<!ENTITY x SYSTEM "file://{secret}">]>'
    cell = '<c r="A1" t="inlineStr"><is><t>&x;</t></is></c>'
    laughs = (
        "<!DOCTYPE w [<!ENTITY a 'ha'>"
        + "".join(f"<!ENTITY {b} '&{a};&{a};&{a};&{a};'>" for a, b in zip("abcdefgh", "bcdefghx"))
        + "]>"
    )
    for sheet in (
        entity + _sheet(f"<row>{cell}</row>"),
        laughs + _sheet(f"<row>{cell}</row>"),
        "<not xml",
        _sheet('<row><c t="s"><v>9</v></c></row>'),
    ):
        with pytest.raises(ConfigError, match="no whole XLSX") as error:
            first_sheet(_workbook_with(sheet), "w.xlsx")
        assert "secret" not in str(error.value)
    wide = _sheet('<row><c r="ZZZ1" t="inlineStr"><is><t>far</t></is></c></row>')
    assert first_sheet(_workbook_with(wide), "w.xlsx") == [[]]
    for data in (b"", b"PK\x03\x04 nothing", workbook([])[:-40]):
        with pytest.raises(ConfigError, match="no whole XLSX"):
            first_sheet(data, "w.xlsx")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch):
    data = _workbook_with(_sheet("<row/>" * 200_000))
    monkeypatch.setattr("pipelines.review_xlsx.MOST_BYTES", 1 << 20)
    with pytest.raises(ConfigError, match="no whole XLSX"):
        first_sheet(data, "w.xlsx")


@pytest.mark.parametrize(
    ("name", "data", "match"),
    [("a.csv", b"", "is empty"), ("a.csv", b"draw,number\n1,2\n", "lacks the column"), ("a.csv", b"\xff\xfe\xff\xff\x80", "neither UTF-8"),
     ("a.csv", b'draw,number,id,verdict,reviewer\n"open', "no whole CSV")],
)  # fmt: skip
def test_what_is_no_worksheet_is_told(tmp_path: Path, name: str, data: bytes, match: str):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConfigError, match=match):
        read_sheet(tmp_path / name)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_sheet(tmp_path / "none.csv")


def test_an_apostrophe_of_ours_goes_again():
    assert [plain(safe(x)) for x in ("=1", "'x", " y ", "'")] == ["=1", "'x", "y", "'"]
