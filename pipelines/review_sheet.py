"""Worksheets of a review, out and back in: CSV for any program, XLSX for spreadsheets; no cell of them is ever a formula."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from schemas.errors import ConfigError

HEADS: Final = {
    "draw": "抽样", "number": "序号", "id": "编号", "group": "分组", "source": "来源", "shard": "文件", "offset": "位置",
    "url": "网址", "collected_at": "采集时间", "declared_licence": "声明的许可", "findings": "检查所见", "text": "正文",
    "verdict": "结论", "reason": "原因", "reviewer": "审核人", "verdict_2": "结论二", "reviewer_2": "审核人二", "final": "裁定",
    "note": "备注",
}  # fmt: skip
"""Column -> its name in Chinese; a head of a worksheet is both, parted by a space."""
MOST_BYTES: Final = 1 << 29
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
Row = Mapping[str, str]


def write_sheet(path: Path, columns: Sequence[str], rows: Sequence[Row], about: Sequence[str]) -> None:
    """Write *rows* to *path*, which must not be there; ``.xlsx`` or ``.csv`` by its name. *about*: lines for the reviewers.

    Raises `ConfigError` for another name, a file that is there, a place that cannot be written.
    """
    heads = [f"{column} {HEADS[column]}" for column in columns]
    cells = [[safe(row.get(column, "")) for column in columns] for row in rows]
    match path.suffix.lower():
        case ".csv":
            data = _csv(heads, cells)
        case ".xlsx":
            from pipelines.review_xlsx import workbook

            data = workbook([("review", [heads, *cells]), ("about", [[safe(line)] for line in about])])
        case _:
            raise ConfigError(f"{path}: a worksheet is .xlsx or .csv; name it so")
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise ConfigError(f"{path}: exists already; choose another name, a worksheet is never written over") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); choose another place") from error


def read_sheet(path: Path) -> tuple[bytes, list[dict[str, str]]]:
    """(bytes, rows by column) of a filled worksheet; rows without any cell are passed over.

    Raises `ConfigError` for what cannot be read as one, with the line where that is known.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{path}: more than {MOST_BYTES >> 20:,} MiB, which is no worksheet of ours")
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    if path.suffix.lower() == ".xlsx":
        from pipelines.review_xlsx import first_sheet

        table = first_sheet(data, str(path))
    else:
        table = _read_csv(data, path)
    if not table:
        raise ConfigError(f"{path}: is empty; give the worksheet that `corpusledger review draw` wrote")
    columns = [_column(head) for head in table[0]]
    if missing := [name for name in ("draw", "number", "id", "verdict", "reviewer") if name not in columns]:
        raise ConfigError(f"{path}: lacks the column(s) {', '.join(missing)}; keep the heads as they were written")
    rows = []
    for line in table[1:]:
        if any(cell.strip() for cell in line):
            pairs = zip(columns, [*line, *[""] * len(columns)], strict=False)
            rows.append({column: plain(cell) for column, cell in pairs if column})
    return data, rows


def safe(value: str) -> str:
    """*value* as a cell that no program takes for a formula: behind an apostrophe where it begins like one; without what no
    spreadsheet can hold (control characters, lone surrogates are U+FFFD).
    """
    clean = _NOT_XML.sub("\ufffd", value.replace("\r\n", "\n"))
    return f"'{clean}" if clean.lstrip(" \u00a0\u3000\ufeff").startswith(_FORMULA) else clean


def plain(cell: str) -> str:
    """A cell as it was meant, without the apostrophe of `safe` and the white space around it."""
    return cell.strip().removeprefix("'").strip()


def _column(head: str) -> str:
    name = head.strip().lstrip("\ufeff").split(" ")[0].lower()
    return name if name in HEADS else ""


def _csv(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(cells)
    return out.getvalue().encode(
        "utf-8-sig"
    )  # without the mark spreadsheets take UTF-8 for the machine's own code page


def _read_csv(data: bytes, path: Path) -> list[list[str]]:
    for coding in ("utf-8-sig", "gb18030"):  # what spreadsheets write back on Chinese machines
        try:
            text = data.decode(coding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ConfigError(f"{path}: is neither UTF-8 nor GB 18030; save it as CSV in UTF-8, or as .xlsx")
    first = text.split("\n", 1)[0]
    csv.field_size_limit(1 << 24)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True))
    except csv.Error as error:
        raise ConfigError(f"{path}: is no whole CSV ({error}); save the worksheet again") from error
