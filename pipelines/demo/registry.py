"""The demo's registry and run file, with or without the planted faults; written as a person would write them."""

from collections.abc import Mapping
from typing import Any

import yaml

AS_OF = "2026-10-01"
REVIEWED = {"decision": "approved", "by": "demo reviewer", "on": "2026-06-01", "expires": "2027-06-01"}
FORUM = "forum-en"
UNREVIEWED = "catalogue-en"
CRAWLED: Mapping[str, Any] = {
    "by": "demo data team", "user_agent": "DemoBot/1.0", "robots_policy": "RFC 9309, as fetched with the pages",
    "records": ["evidence/crawl-log.txt"],
}  # fmt: skip
ATTESTED: Mapping[str, Any] = {"by": "demo reviewer", "on": "2026-06-01"}
OWNED: Mapping[str, Any] = {"file": "evidence/own-work.txt", **ATTESTED}

SOURCES: Mapping[str, Mapping[str, Any]] = {
    "web-en": {
        "name": "English web pages", "paths": ["corpus/web-en/*.jsonl*"], "format": "jsonl",
        "columns": {"text": "text", "url": "url", "collected_at": "date"},
        "class": "self-collected", "category": "web-crawl", "stage": "pre-training", "language": "en",
        "licence": "CC-BY-4.0", "licence_evidence": "https://creativecommons.org/licenses/by/4.0/",
        "collected_from": "2026-01-01", "collected_until": "2026-06-30", "collected_with": "demo crawler 1.0",
        "acquisition": CRAWLED, "origin": "foreign", "personal_basis": "lawfully-published",
    },
    "web-zh": {
        "name": "中文网页", "paths": ["corpus/web-zh/*.warc.gz"], "format": "warc",
        "class": "self-collected", "category": "web-crawl", "stage": "pre-training", "language": "zh",
        "licence": "CC-BY-4.0", "licence_evidence": "https://creativecommons.org/licenses/by/4.0/",
        "collected_from": "2026-05-01", "collected_until": "2026-05-28", "collected_with": "demo crawler 1.0",
        "acquisition": CRAWLED, "origin": "domestic", "personal_basis": "lawfully-published",
    },
    "laws-zh": {
        "name": "乡镇管理办法（示例）", "paths": ["corpus/laws-zh"], "format": "parquet", "columns": {"text": "body", "collected_at": "issued"},
        "class": "open-source", "category": "public-dataset", "stage": "pre-training", "language": "zh",
        "public_data": "published by the authority that issued it",
        "legal_basis": "outside copyright: PRC Copyright Law Art. 5(1)",
        "collected_from": "2026-03-01", "collected_until": "2026-03-02", "collected_with": "download by hand", "origin": "domestic",
    },
    "instruct": {
        "name": "Bilingual instructions", "paths": ["corpus/instruct/tasks.jsonl"], "format": "jsonl", "layout": "alpaca",
        "class": "own-production", "category": "own-labelled", "stage": "fine-tuning", "language": "zh, en",
        "licence": "Apache-2.0", "licence_evidence": "evidence/own-work.txt", "labelling_rules": "evidence/labelling-rules.txt",
        "labelling_method": "human", "origin": "domestic", "collected_from": "2026-02-01", "collected_until": "2026-04-30",
        "collected_with": "written by staff", "ownership": OWNED,
    },
    "chat-zh": {
        "name": "用户对话", "paths": ["corpus/chat-zh/*.jsonl"], "format": "jsonl", "layout": "openai-chat",
        "class": "user-input", "category": "user-interaction", "stage": "fine-tuning", "language": "zh",
        "licence": "LicenseRef-user-terms", "licence_evidence": "evidence/user-terms.txt",
        "labelling_rules": "evidence/labelling-rules.txt", "labelling_method": "human", "personal_basis": "consent",
        "personal_basis_evidence": "evidence/user-terms.txt", "contract": "evidence/user-terms.txt",
        "authorisation": {
            "agreement": "evidence/user-terms.txt", "version": "3", "purpose": "improve the model",
            "records": ["evidence/authorisations.csv"], "opt_out": "settings, privacy, model training: off",
        },
        "collected_from": "2026-01-01", "collected_until": "2026-05-31", "collected_with": "service log export 3", "origin": "domestic",
    },
    "notes": {
        "name": "Field notes", "paths": ["corpus/notes"],
        "class": "own-production", "category": "other", "stage": "pre-training", "language": "zh, en",
        "licence": "CC0-1.0", "licence_evidence": "evidence/own-work.txt", "origin": "domestic",
        "collected_from": "2026-01-05", "collected_until": "2026-05-20", "collected_with": "written by staff", "ownership": OWNED,
    },
    "code": {
        "name": "Small programs", "paths": ["corpus/code"], "format": "code",
        "class": "open-source", "category": "public-dataset", "stage": "pre-training", "language": "en",
        "licence": "Apache-2.0 AND MIT", "licence_evidence": "evidence/own-work.txt", "origin": "domestic",
        "collected_from": "2026-04-01", "collected_until": "2026-04-01", "collected_with": "version control export",
    },
    "catalogue-en": {
        "name": "Museum catalogue", "paths": ["corpus/catalogue/items.csv"], "format": "csv", "columns": {"text": "description", "collected_at": "year"},
        "class": "commercial", "category": "licensed", "stage": "pre-training", "language": "en",
        "licence": "LicenseRef-museum-contract", "licence_evidence": "evidence/museum-contract.txt",
        "contract": {
            "id": "C-2026-014", "file": "evidence/museum-contract.txt", "party": "Demo Museum Trust", "uses": ["train", "commercial_service"],
            "territory": ["CN"], "from": "2026-02-01", "until": "2028-01-31", "warranty": "evidence/museum-warranty.txt",
        }, "owner": "Demo Museum Trust", "origin": "foreign",
        "collected_from": "2026-02-10", "collected_until": "2026-02-10", "collected_with": "delivery by the owner",
    },
    "dolma-en": {
        "name": "Archive in Dolma's layout", "paths": ["corpus/dolma-en/*.jsonl.zst"], "format": "jsonl",
        "columns": {"text": "text", "url": "metadata.url", "collected_at": "created"},
        "class": "open-source", "category": "public-dataset", "stage": "pre-training", "language": "en",
        "licence": "ODC-By-1.0", "licence_evidence": "https://opendatacommons.org/licenses/by/1-0/",
        "collected_from": "2026-03-30", "collected_until": "2026-04-02", "collected_with": "download by hand", "origin": "foreign",
        "personal_basis": "lawfully-published",
    },
}  # fmt: skip

ADDED: Mapping[str, Any] = {
    "name": "Forum answers", "paths": ["corpus/incoming/forum.jsonl"], "format": "jsonl",
    "class": "open-source", "category": "public-dataset", "stage": "pre-training", "language": "en",
    "licence": "CC-BY-4.0", "licence_evidence": "https://creativecommons.org/licenses/by/4.0/",
    "collected_from": "2026-05-02", "collected_until": "2026-05-02", "collected_with": "download by hand", "origin": "foreign",
}  # fmt: skip

EVIDENCE: Mapping[str, str] = {
    "own-work.txt": "Written by our own staff for this demo; rights assigned to the employer.\n",
    "user-terms.txt": "用户协议（示例）第七条：经用户单独同意，去除身份信息后的对话可用于改进模型；用户可以随时撤回同意。\n",
    "museum-contract.txt": "Contract (sample): the owner permits the use of the catalogue's descriptions for training language models.\n",
    "museum-warranty.txt": "Undertaking (sample): the owner warrants origin, quality and safety of the catalogue's descriptions.\n",
    "crawl-log.txt": "Crawl log (sample): 2026-01-01 to 2026-06-30, DemoBot/1.0; robots.txt fetched first on every host; nothing disallowed was fetched.\n",
    "authorisations.csv": "pseudonym,agreement,granted,withdrawn\nu-0001,3,2026-01-02,\nu-0002,3,2026-01-09,\n",
    "labelling-rules.txt": "标注规则（示例）：一、回答须平实准确；二、不得出现个人信息；三、两人独立标注，分歧由第三人裁定；四、抽检不少于百分之十。\n",
}


def registry_files(planted: bool) -> dict[str, bytes]:
    """Path below the demo's folder -> bytes of every YAML of the registry and the papers it names."""
    files = {f"sources/evidence/{name}": text.encode() for name, text in EVIDENCE.items()}
    sources = dict(SOURCES) if planted else {**SOURCES, FORUM: ADDED}
    for name, given in sources.items():
        source = {
            **given,
            "origin": {"value": given["origin"], **ATTESTED},
            "classification": {"grade": "general", **ATTESTED},
        }
        unreviewed = planted and name == UNREVIEWED
        files[f"sources/{name}.yaml"] = _yaml({"id": name, **source, **({} if unreviewed else {"review": REVIEWED})})
    return files


def run_file() -> bytes:
    """run.yaml: the same before and after the repair."""
    head = "# Written by `corpusledger demo`. Start it again with: corpusledger run run.yaml\n"
    run = {
        "provider": {"name": {"zh": "示例智能服务有限公司", "en": "Demo Intelligent Services"}},
        "model": {
            "name": "demo-7B",
            "stage": "pre-training",
            "version": "0.1",
            "commercial": True,
            "base_model": "none",
        },
        "corpus": ["corpus"],
        "sources": ["sources/*.yaml"],
        "ledger": "ledger",
        "policies": ["cn-genai"],
        "keys": {"hmac": "keys/hmac.key", "sign": "keys/sign.pem"},
        "region": "cn-north",
        "territory": ["CN"],
        "as_of": AS_OF,
        "optouts": {"then": ["captures/web-en.jsonl", "captures/web-zh.warc.gz"]},
        "lists": {"blocked_domains": {"path": "lists/blocked.txt", "max_age_days": 30}},
        "restricted": {"kite-lessons": "restricted/kite-lessons.fingerprint"},
        "checks": {"optouts": {"own": "DemoBot", "needed": ["robots"]}},
    }
    return head.encode() + _yaml(run)


def _yaml(value: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump({**value}, allow_unicode=True, sort_keys=False, width=120).encode()
