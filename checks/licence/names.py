"""How people write licences, as data: hub tags, abbreviations, addresses, names in prose -> SPDX ids and own terms."""

import re
from collections.abc import Mapping
from typing import Final

_LDB: Final = "LicenseRef-scancode-"
# Terms without an SPDX id, by their LicenseDB names where it has them, so that text and tag come to one id.
OPENAI: Final = f"{_LDB}openai-tou-20241211"
ANTHROPIC: Final = "LicenseRef-Anthropic"
SERVICE: Final = "LicenseRef-service-output"
OPENRAIL: Final = "LicenseRef-OpenRAIL"
OWN: Final[Mapping[str, str]] = {
    **dict.fromkeys((ANTHROPIC, SERVICE, OPENRAIL, "LicenseRef-OpenRAIL-M", "LicenseRef-OpenRAIL++", "LicenseRef-CreativeML-OpenRAIL-M",
                     "LicenseRef-Llama", "LicenseRef-Llama-3", "LicenseRef-Qwen", "LicenseRef-GLM-4", "LicenseRef-ChatGLM"), "restricted"),
    "LicenseRef-Qwen-Research": "non-commercial", "LicenseRef-MulanOWL-BY-1.0": "attribution", "LicenseRef-MulanOWL-BY-SA-1.0": "share-alike",
    # Creative Commons without a version.
    "LicenseRef-CC-BY": "attribution", "LicenseRef-CC-BY-SA": "share-alike", "LicenseRef-CC-BY-ND": "no-derivatives",
    **dict.fromkeys(("LicenseRef-CC-BY-NC", "LicenseRef-CC-BY-NC-SA", "LicenseRef-CC-BY-NC-ND"), "non-commercial"),
    # What statements and unnamed licences stand for in an expression; `checks.licence.statements` says which is which.
    **dict.fromkeys(("LicenseRef-all-rights-reserved", "LicenseRef-no-repost", "LicenseRef-no-crawl",
                     "LicenseRef-no-training", "LicenseRef-site-opt-out", "LicenseRef-restricted"), "restricted"),
    **dict.fromkeys(("LicenseRef-non-commercial", "LicenseRef-study-only", "LicenseRef-academic-only"), "non-commercial"),
    "LicenseRef-no-derivatives": "no-derivatives", "LicenseRef-share-alike": "share-alike",
    "LicenseRef-attribution": "attribution", "LicenseRef-permissive": "permissive", "LicenseRef-public-domain": "public-domain",
    **dict.fromkeys(("LicenseRef-unknown", "LicenseRef-repost-with-attribution",
                     "LicenseRef-repost-of-unknown-origin"), "unknown"),
}  # fmt: skip
"""Own term -> class: the closed set of ids beside the SPDX list's and LicenseDB's."""
_LLAMA: Final = {
    v: f"{_LDB}llama-{n}" for v, n in (("1", "license-2023"), ("2", "2-license-2023"), ("3.1", "3.1-license-2024"),
    ("3.2", "3.2-license-2024"), ("3.3", "3.3-license-2024"), ("4", "4-license-2025"))
} | {"3": "LicenseRef-Llama-3"}  # fmt: skip

# How people and hubs write it. Keys are `classes.folded`; a class in angle brackets where there is no id.
ALIASES: Final[Mapping[str, str]] = {
    "apache": "Apache-2.0", "apache2": "Apache-2.0", "apache2.0": "Apache-2.0", "apachev2": "Apache-2.0", "asl2.0": "Apache-2.0",
    "apachev2.0": "Apache-2.0", "expat": "MIT", "bsd3clause": "BSD-3-Clause", "bsd2clause": "BSD-2-Clause", "newbsd": "BSD-3-Clause",
    "simplifiedbsd": "BSD-2-Clause", "gplv2": "GPL-2.0-only", "gplv2+": "GPL-2.0-or-later", "gplv3": "GPL-3.0-only",
    "gplv3+": "GPL-3.0-or-later", "gpl2": "GPL-2.0-only", "gpl3": "GPL-3.0-only", "lgplv2.1": "LGPL-2.1-only",
    "lgplv2.1+": "LGPL-2.1-or-later", "lgplv3": "LGPL-3.0-only", "lgplv3+": "LGPL-3.0-or-later", "agplv3": "AGPL-3.0-only",
    "agplv3+": "AGPL-3.0-or-later", "mpl2": "MPL-2.0", "mplv2": "MPL-2.0", "cc0": "CC0-1.0", "odcby": "ODC-By-1.0",
    "odcbyv1.0": "ODC-By-1.0", "odbl": "ODbL-1.0", "pddl": "PDDL-1.0", "mulanpsl2": "MulanPSL-2.0", "mulanpslv2": "MulanPSL-2.0",
    "木兰宽松第2版": "MulanPSL-2.0", "木兰宽松第二版": "MulanPSL-2.0", "木兰宽松v2": "MulanPSL-2.0", "木兰宽松": "MulanPSL-2.0",
    "木兰公共第2版": f"{_LDB}mulanpubl-2.0", "木兰公共": f"{_LDB}mulanpubl-2.0", "mulanpublv2": f"{_LDB}mulanpubl-2.0",
    "cdlapermissive": "CDLA-Permissive-1.0", "cdlasharing": "CDLA-Sharing-1.0", "isc": "ISC", "unlicense": "Unlicense",
    "wtfpl": "WTFPL", "gfdl": "GFDL-1.1-or-later", "cuda": "<non-commercial>",
        "gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later",
    "agpl": "<share-alike>", "publicdomain": "<public-domain>", "bsd": "<permissive>", "allrightsreserved": "LicenseRef-all-rights-reserved",
    "版权所有": "LicenseRef-all-rights-reserved", "保留所有权利": "LicenseRef-all-rights-reserved", "proprietary": "LicenseRef-restricted",
    "commercial": "LicenseRef-restricted", "researchonly": "LicenseRef-study-only", "academic": "LicenseRef-academic-only",
    "noncommercial": "LicenseRef-non-commercial", "仅供研究使用": "LicenseRef-study-only", "仅供学习": "LicenseRef-study-only",
    "notraining": "LicenseRef-no-training", "noai": "LicenseRef-no-training", "hresearch": "LicenseRef-study-only",
    "fairnoncommercialresearch": "LicenseRef-study-only", "intelresearch": "LicenseRef-study-only",
    "appleamlr": "LicenseRef-study-only", "openrail": OPENRAIL, "openrail++": "LicenseRef-OpenRAIL++", "openrailm": "LicenseRef-OpenRAIL-M",
    "creativemlopenrailm": "LicenseRef-CreativeML-OpenRAIL-M", "bigscienceopenrailm": f"{_LDB}bigscience-open-rail-m",
    "bigsciencebloomrail1.0": f"{_LDB}bigscience-rail-1.0", "bigcodeopenrailm": f"{_LDB}bigcode-open-rail-m-v1",
    "llama": _LLAMA["1"], **{f"llama{v}": i for v, i in _LLAMA.items()}, **{f"llama{v}community": i for v, i in _LLAMA.items()},
    "gemma": f"{_LDB}gemma-tou-2024-04-01", "deepseek": f"{_LDB}deepseek-la-1.0", "qwen": "LicenseRef-Qwen",
    "qwenresearch": "LicenseRef-Qwen-Research", "tongyiqianwen": f"{_LDB}tongyi-qianwen-2023", "glm4": "LicenseRef-GLM-4",
    "mrl": "LicenseRef-study-only", "openai": OPENAI,
}  # fmt: skip

LICENCE_URLS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), spdx)
    for pattern, spdx in (
        (r"apache\.org/licenses/license-2\.0", "Apache-2.0"),
        (r"opensource\.org/licenses?/mit(?![a-z-])", "MIT"),
        (r"opensource\.org/licenses?/bsd-3-clause", "BSD-3-Clause"),
        (r"opensource\.org/licenses?/bsd-2-clause", "BSD-2-Clause"),
        (r"opensource\.org/licenses?/apache-2\.0", "Apache-2.0"),
        (r"opendatacommons\.org/licenses/by/", "ODC-By-1.0"),
        (r"opendatacommons\.org/licenses/odbl/", "ODbL-1.0"),
        (r"opendatacommons\.org/licenses/pddl/", "PDDL-1.0"),
        (r"license\.coscl\.org\.cn/mulanpsl2", "MulanPSL-2.0"),
        (r"license\.coscl\.org\.cn/mulanpubl-?2", f"{_LDB}mulanpubl-2.0"),
        (r"cdla\.(?:dev|io)/permissive-(?:v)?1-0", "CDLA-Permissive-1.0"),
        (r"cdla\.(?:dev|io)/permissive-(?:v)?2-0", "CDLA-Permissive-2.0"),
        (r"cdla\.(?:dev|io)/sharing-(?:v)?1-0", "CDLA-Sharing-1.0"),
        (r"mozilla\.org/mpl/2\.0", "MPL-2.0"),
        (r"(?:ai\.google\.dev|ai\.google)/gemma/terms", f"{_LDB}gemma-tou-2024-04-01"),
        (r"openai\.com/(?:policies/)?(?:[a-z-]*terms)", OPENAI),
    )
)
"""Address of a licence -> its id."""

_CC_WORD: Final = (
    r"(?:attribution|non-?\s?commercial|share-?\s?alike|no-?\s?derivative(?:s|\s+works)?|no-?derivs|by|nc|nd|sa"
    r"|署名|非商业性使用|非商业性|非商业|非商業性|相同方式共享|相同方式分享|禁止演绎|禁止改作)"
)
_CC_TERMS: Final = (  # in the order of a CC id
    ("BY", r"attribution|by|署名"),
    ("NC", r"non-?\s?commercial|nc|非商"),
    ("ND", r"no-?\s?deriv|nd|禁止演绎|禁止改作"),
    ("SA", r"share-?\s?alike|sa|相同方式"),
)
_GNU_KIND: Final = {"affero": "AGPL", "lesser": "LGPL", "library": "LGPL"}

NAME: Final = re.compile(
    # Creative Commons: a prefix, then its terms in any language, then the version.
    rf"(?<![a-z])(?:creative\s+commons|cc(?![0a-z])|知识共享|知識共享)[\s（(《“\"-]*(?:licen[cs]e\s*)?(?P<cc>{_CC_WORD}(?:[\s,/–—·、-]*{_CC_WORD})*)"
    r"(?![a-z])(?:[\s,-]*(?:v|version|licen[cs]e|public|international|许可协议|许可|协议))*[\s-]*(?P<ccv>[1-4]\.[0-9])?"
    r"|(?P<cc0>(?<![a-z])cc0(?![a-z])(?:[\s-]*1\.0)?(?:\s+universal)?)"
    r"|(?:gnu\s+)?(?P<gnu>affero|lesser|library)?\s*general\s+public\s+licen[cs]e(?P<gnut>[\s,(\"'-]{0,3}(?:(?:as published by the free software foundation[,;]?\s+either\s+)?version|ver\.?|v)?[\s.]*(?P<gnuv>[123](?:\.[01])?)?"
    r"(?P<gnul>\+|[\s,(\"']{0,3}(?:of the licen[cs]e)?[\s,(]{0,3}or\s+\(?(?:at\s+your\s+option\)?[\s,]*)?(?:any\s+)?later)?)"
    r"|(?<![a-z])(?P<gpl>[al]?gpl)(?![a-z]{2})(?:[\s,-]*(?:v|version)?[\s.]?(?P<gplv>[123](?:\.[01])?)(?![0-9]))?(?P<gpll>\+|-or-later|,?\s+or\s+(?:any\s+)?later)?"
    r"|(?<![a-z])apache(?:\s+software)?(?:[\s-]+(?:public\s+)?licen[cs]e)?[\s,(-]*(?:v|version)?[\s.]*(?P<apache>2(?:\.0)?|1\.[01])(?![0-9])"
    r"|(?P<mit>(?<![a-z])(?:mit|expat)(?:\s+licen[cs]e|许可|协议|开源|(?![a-z])))"
    r"|(?<![a-z0-9])(?:(?P<bsd1>[234])[\s-]*clause[\s-]+)?(?:(?P<bsdw>new|modified|simplified|revised)[\s-]+)?bsd(?![a-z])(?:[\s-]*(?P<bsd2>[234])[\s-]*clause)?"
    r"|mozilla\s+public\s+licen[cs]e[\s,]*(?:v|version)?[\s.]*(?P<mpl>[12]\.[01])"
    r"|(?P<mulanpub>木兰公共许可证|mulan\s*pub(?:lic)?\s*l)|(?P<mulan>木兰宽松许可证|mulan\s*(?:psl|permissive\s+software))"
    r"|(?P<odbl>open\s+database\s+licen[cs]e|(?<![a-z])odbl(?![a-z]))|(?P<odcby>odc[\s-]+by|open\s+data\s+commons\s+attribution)"
    r"|(?P<pddl>public\s+domain\s+dedication\s+and\s+licen[cs]e|(?<![a-z])pddl(?![a-z]))"
    r"|cdla[\s-]+(?P<cdla>permissive|sharing)(?:[\s-]*(?:v|version)?\s*(?P<cdlav>[12]\.0))?"
    r"|llama[\s-]*(?P<llama>[234](?:\.[123])?)\s+(?:community\s+)?licen[cs]e|(?P<gemma>gemma\s+(?:terms|licen[cs]e))"
    r"|(?P<rail>(?:open)?rail(?:\+\+)?(?:-|\s)?m?(?:\s+licen[cs]e)|responsible\s+ai\s+licen[cs]e|(?:big\w+|creativeml)[\s-]+(?:open)?rail|open[\s-]?rail)"
    r"|(?P<qwenr>qwen\s+research)|(?P<qwen>(?:qwen|tongyi\s+qianwen|通义千问)\s*(?:licen[cs]e|许可))|(?P<deepseek>deepseek\s+(?:model\s+)?licen[cs]e)"
    r"|(?P<busl>business\s+source\s+licen[cs]e|(?<![a-z])bus?l-1\.1)|(?P<sspl>server\s+side\s+public\s+licen[cs]e|(?<![a-z])sspl(?![a-z]))|(?P<elastic>elastic\s+licen[cs]e)"
    r"|(?P<unlicense>the\s+unlicense)|(?P<pd>public\s+domain|公有领域)|(?P<proprietary>proprietary)",
    re.IGNORECASE,
)
"""A licence's name in prose; `alias_of` says which."""


def cc_terms(written: str) -> set[str]:
    """Which of BY, NC, ND, SA a run of Creative Commons' words names."""
    return {term for term, words in _CC_TERMS if re.search(words, written, re.IGNORECASE)}


def alias_of(match: re.Match[str]) -> str:
    """What a match of `NAME` other than a Creative Commons one stands for: an id, or a class in angle brackets."""
    for group, spdx in _SINGLE.items():
        if match[group]:
            return spdx
    if match["gnu"] or match["gnut"] is not None or match["gpl"]:
        return _gnu(match)
    if match["apache"]:
        return f"Apache-{match['apache'] if '.' in match['apache'] else '2.0'}"
    if match["mpl"]:
        return f"MPL-{match['mpl']}"
    if match["cdla"]:
        return f"CDLA-{match['cdla'].capitalize()}-{match['cdlav'] or '1.0'}"
    if match["llama"]:
        return _LLAMA.get(match["llama"], "LicenseRef-Llama")
    clauses = match["bsd1"] or match["bsd2"] or {"simplified": "2"}.get((match["bsdw"] or "").lower())
    if clauses is None and match["bsdw"]:
        clauses = "3"
    return f"BSD-{clauses}-Clause" if clauses else "<permissive>"


_SINGLE: Final = {
    "cc0": "CC0-1.0", "mit": "MIT", "mulanpub": f"{_LDB}mulanpubl-2.0", "mulan": "MulanPSL-2.0", "odbl": "ODbL-1.0",
    "odcby": "ODC-By-1.0", "pddl": "PDDL-1.0", "gemma": f"{_LDB}gemma-tou-2024-04-01", "rail": OPENRAIL,
    "qwenr": "LicenseRef-Qwen-Research", "qwen": "LicenseRef-Qwen", "deepseek": f"{_LDB}deepseek-la-1.0",
    "busl": "BUSL-1.1", "sspl": "SSPL-1.0", "elastic": "Elastic-2.0", "unlicense": "Unlicense", "pd": "<public-domain>", "proprietary": "LicenseRef-restricted",
}  # fmt: skip


def _gnu(match: re.Match[str]) -> str:
    family = (match["gpl"] or _GNU_KIND.get((match["gnu"] or "").lower(), "GPL")).upper()
    version, later = (match["gpl"] and match["gplv"]) or match["gnuv"], match["gpll"] or match["gnul"]
    if not version:
        return {"GPL": "GPL-1.0-or-later", "LGPL": "LGPL-2.0-or-later"}.get(family, "<share-alike>")
    if "." not in version:
        version += ".1" if (family, version) == ("LGPL", "2") else ".0"
    return f"{family}-{version}-{'or-later' if later else 'only'}"
