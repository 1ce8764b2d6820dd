"""What the article map says in people's words: articles' numbers in Chinese, where the report's items come from, what no rule covers."""

from typing import Final

from pipelines.citations import ARTICLES_ZH

__all__ = ["ARTICLES_ZH", "ASKED_ZH", "GETS", "UNCOVERED"]

GETS: Final = {
    "0.1": "manifest: run, times, sha256, signature",
    "0.2": "run.yaml: `provider`",
    "0.3": "people", "0.4": "people",
    "0.5": "run.yaml: `model`; manifest: Merkle root of all shards",
    "1.1": "registry: `class`, `category`, `licence`, `legal_basis`, `public_data`, `classification`; check `provenance`, of the run",
    "1.2": "manifest: lists that records were held against, with version, day, age, digest and hits of check `listed`; registry: every document that a source names, by digest or address, no paths; what its class must have and lacks, by `proofs`",
    "1.3": "registry: `collected_from`, `collected_until`, `collected_with`, tools, user agent, restrictions kept to, number of records; check `optouts` where the crawler's files are given, else not provided",
    "1.4": "registry: `origin`, with the day of the attestation; check `origin_hints`, hints alone; people: by which test",
    "1.5": "registry: `review`; log: assessments of samples before collection; share of unlawful content: not provided, no check measures it; log: reviews of each source's samples",
    "1.6": "run.yaml: `model.base_model`, `model.base_model_licence`, `model.base_model_filing`; registry: `generator`, and models that labelled or translated",
    "1.7": "registry: `review` of decision `rejected`; files not looked at or unreadable, by media type",
    "2.1": "measures of `files`, `records`, `duplicates`; decisions; code points, and tokens where run.yaml names a tokenizer, of check `scale`, else not provided",
    "2.2": "counts by source; registry: `stage`, `language`; check `scale`: code points and tokens by source, stage and language",
    "2.3": "records of sources with `labelling_method` or `labelling_rules`; people: the scale",
    "2.4": "people",
    "3.1": "files by media type; by source, modality, format and layout",
    "3.2": "check `language`; check `scale`: kinds of content of drawn records, registry: `content_kind`; the table of domains and of years of check `provenance`, of pages and authors of check `personal` (how many and how evenly, none named)",
    "3.3": "check `licence`; check `laundering` where fingerprints are given, else not provided",
    "3.4": "check `personal`, by kind with precision and recall on labelled samples; registry: `personal_basis`, `sensitive_basis`; accuracy on this corpus: not provided",
    "3.5": "registry: `class`, `category`, `generator`; check `authenticity`, and its candidates by source and year",
    "3.6": "refers to 1.1 and 3.3; people",
    "4.1": "registry: `labelling_method`; people", "4.2": "registry: `labelling_rules`; people",
    "4.3": "people", "4.4": "people", "4.5": "people",
    "5.1": "people",
    "5.2": "manifest: checks `provenance`, `quality`, `language`, `duplicates`, with versions, settings, digests of what they read; the table of Article 7(4) before and after filtering; log: reviews of samples for accuracy",
    "5.3": "manifest: checks `personal`, `licence`, likewise; accuracy on this corpus: not provided; log: reviews of samples",
    "5.4": "people", "5.5": "check `fairness`, screening indicators alone; people",
    "6.1": "people",
    "6.2": "manifest: product, digests of lock (where known), settings and registry, Merkle roots; the command that verifies",
    "7": "gate: every rule that is neither met nor not applicable; people: the remediation plan",
    "8": "manifest: its tables and policy packs, by sha256",
    "9": "people: three signatures",
}  # fmt: skip
"""Item of the Article 19 report -> where what it prints comes from; `people`: a statement, 未提供 until one is made."""

ASKED_ZH: Final = {
    "来源 source": ("1",), "规模 scale": ("2",), "类型 type": ("3",), "标注规则 labelling rules": ("4",),
    "算法机制机理 algorithm mechanism": ("5",), "技术、数据等支持和协助 technical and data support": ("6",),
}  # fmt: skip
"""What Article 19(1) names -> the sections of the report that answer it."""

UNCOVERED: Final = (
    (
        "11",
        "第十一条",
        "requests of individuals on their information",
        "`corpusledger subject find` answers from sealed runs, `corpusledger subject erase` records the request; neither prints a value",
    ),
    (
        "14",
        "第十四条",
        "disposal of illegal content, rectification, report to the authority",
        "check `safety` finds candidates for people; no check decides what is illegal",
    ),
    ("15", "第十五条", "complaints and reports of users", "outside this program"),
)
"""Articles of the Interim Measures that touch training data and that no rule here cites: article, in Chinese, matter, what there is."""
