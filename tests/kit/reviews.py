"""A sealed run of a small corpus with plans of its own, and its worksheets, filled as a test says."""

import csv
import random
from collections.abc import Callable
from pathlib import Path

from manifests.ledger import open_ledger
from manifests.reviews import draws_of, load_draw
from manifests.runs import load_manifest, sealed_run
from manifests.seal import make_key
from schemas.review import Draw
from tests.kit.command import Done, here, lines, write_run

SECRET = "山高月小水落石出清风徐来"
SOURCES = {
    "web": "paths: [corpus/web]\nclass: self-collected\nformat: jsonl\ncolumns: {text: text, url: url, collected_at: at}\n"
           "acquisition: {by: 王 采集, tools: [ExampleBot/2.1]}\n",
    "books": "paths: [corpus/books]\nclass: open-source\nformat: jsonl\n",
    "made": "paths: [corpus/made]\nclass: synthetic\nformat: jsonl\ngenerator: {model: demo-lm, version: '3'}\n",
}  # fmt: skip
PLANS = """\
review: house
version: "1"
instruments:
  HOUSE: {title: 自定, rank: house rule, binding: no, status: own, mark: H}
plans:
  - {id: few, instrument: HOUSE, article: a, mark: H, title: 少, asks: 可否？, size: 40, size_mark: H, pass_ppm: 900000, pass_mark: H, shows: [metadata, findings, text]}
  - {id: spread, instrument: HOUSE, article: b, mark: H, title: 分, asks: 可否？, size: 60, size_mark: H, least_each_source: 10, pass_ppm: 900000, pass_mark: H}
  - {id: two, instrument: HOUSE, article: c, mark: H, title: 双, asks: 可否？, of: kept, size: 12, size_mark: H, reviewers: 2, reasons: ["false", outdated]}
  - {id: walk, instrument: HOUSE, article: d, mark: H, title: 序, asks: 可否？, each: source, size: 200, size_mark: H, pass_ppm: 800000, pass_mark: H,
     stopping: {good_ppm: 50000, bad_ppm: 200000, alpha_ppm: 50000, beta_ppm: 50000, cap: 200}}
  - {id: machine, instrument: HOUSE, article: e, mark: H, title: 机, asks: 可否？, share_ppm: 500000, size_mark: H, pass_ppm: 980000, pass_mark: H, by: machine, independent_of: [keywords]}
  - {id: none, instrument: HOUSE, article: f, mark: H, title: 无, asks: 可否？, where: [{fact: class, is: [commercial]}], size: 5, size_mark: H}
"""


def corpus() -> dict[str, bytes]:
    rng = random.Random(5)

    def text() -> str:
        return "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(60))

    web = [{"text": f"{SECRET}{text()}", "url": f"https://news.example.cn/{i}", "at": "2026-01-01"} for i in range(150)]
    web[3]["text"] = f'=HYPERLINK("http://evil.example","{text()}")'
    web[5]["text"] += " 请联系 zhang.san@example.com 或者 13812345678 。"
    web[5]["url"] = "https://news.example.cn/zhang.san@example.com"
    web[8] = dict(web[7])  # a copy, which the run drops
    return {
        "web/a.jsonl": lines(*web[:100]), "web/b.jsonl": lines(*web[100:]),
        "books/b.jsonl": lines(*({"text": f"Chapter {i}. {text()}"} for i in range(30))),
        "made/m.jsonl": lines(*({"text": text()} for _ in range(20))),
    }  # fmt: skip


class Kit:
    """A sealed run and its worksheets, one of each of *plans*."""

    def __init__(self, folder: Path, plans: tuple[str, ...]) -> None:
        self.folder = folder
        make_key(folder / "keys" / "sign.pem")
        run = write_run(folder, SOURCES, corpus(), "keys: {sign: keys/sign.pem}\n")
        run.write_text(run.read_text(encoding="utf-8").replace("[cn-genai]", "[none.yaml]"), encoding="utf-8")
        (folder / "none.yaml").write_text('policy: none\nversion: "1"\n', encoding="utf-8")
        made = here("run", run, "--json")
        assert made.code in (0, 1), made.err
        self.run = made.result["run"]
        (folder / "plans.yaml").write_text(PLANS, encoding="utf-8")
        self.ledger = open_ledger(str(folder / "ledger"))
        self.store = self.ledger.store
        self.sealed = sealed_run(self.store, self.run)
        self.manifest = load_manifest(self.store, self.sealed)
        for plan in plans:
            done, _ = self.draw(plan)
            assert done.code == 0, done.err

    def draw(self, plan: str, name: str | None = None, *more: object) -> tuple[Done, Path]:
        sheet = self.folder / (name or f"{plan}.csv")
        where = ("--ledger", self.folder / "ledger", "--plans", self.folder / "plans.yaml")
        return here("review", "draw", self.run, *where, "--plan", plan, "--output", sheet, "--json", *more), sheet

    def bring(self, sheet: Path, *more: object) -> Done:
        return here("review", "import", sheet, "--ledger", self.folder / "ledger", "--json", *more)

    def filled(self, plan: str, fill: Callable[[int, dict[str, str]], None], name: str) -> Path:
        """A copy of the plan's worksheet with *fill* done to each row; a row whose `number` it takes away is left out."""
        with (self.folder / f"{plan}.csv").open(encoding="utf-8-sig", newline="") as file:
            heads, *cells = csv.reader(file)
        columns = [head.split(" ")[0] for head in heads]
        rows = [dict(zip(columns, line, strict=True)) for line in cells]
        for i, row in enumerate(rows):
            fill(i, row)
        target = self.folder / name
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heads)
            writer.writerows([row[c] for c in columns] for row in rows if row["number"])
        return target


def rows_of(sheet: Path) -> list[dict[str, str]]:
    """The rows of a CSV worksheet by column."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        return [{k.split(" ")[0]: v for k, v in row.items()} for row in csv.DictReader(file)]


def passing(name: str = "Zhao") -> Callable[[int, dict[str, str]], None]:
    """Every row passes, by that reviewer."""
    return lambda i, row: row.update(verdict="pass", reviewer=name)


def drawn(kit: Kit, plan: str) -> Draw:
    """The first draw of a plan."""
    return load_draw(kit.store, draws_of(kit.store, kit.run, plan)[0].sha256)
