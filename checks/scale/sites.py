"""The kind of content by address: sites that hold one kind, words at the front of a host, parts of a path."""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.addresses import hosts
from schemas.content_kinds import KINDS, UNKNOWN

_SITES: Final = {
    "news": (
        "news.cn", "xinhuanet.com", "people.com.cn", "cctv.com", "chinanews.com.cn", "chinanews.com", "thepaper.cn", "caixin.com",
        "huanqiu.com", "gmw.cn", "ce.cn", "youth.cn", "ifeng.com", "china.com.cn", "bjnews.com.cn", "infzm.com", "yicai.com",
        "bbc.com", "bbc.co.uk", "nytimes.com", "reuters.com", "apnews.com", "theguardian.com", "cnn.com", "washingtonpost.com",
        "wsj.com", "npr.org", "aljazeera.com", "ft.com", "economist.com", "afp.com", "dw.com", "latimes.com", "usatoday.com",
    ),
    "encyclopaedia": (
        "wikipedia.org", "baike.baidu.com", "baike.com", "baike.sogou.com", "baike.so.com", "britannica.com", "wiktionary.org",
        "zgbk.com", "mbalib.com", "encyclopedia.com", "wikiwand.com",
    ),
    "forum": (
        "tieba.baidu.com", "zhidao.baidu.com", "zhihu.com", "tianya.cn", "v2ex.com", "hupu.com", "segmentfault.com",
        "stackoverflow.com", "stackexchange.com", "superuser.com", "serverfault.com", "askubuntu.com", "mathoverflow.net",
        "reddit.com", "quora.com", "news.ycombinator.com", "answers.yahoo.com",
    ),
    "social": (
        "weibo.com", "weibo.cn", "xiaohongshu.com", "douyin.com", "twitter.com", "x.com", "facebook.com", "instagram.com",
        "tiktok.com", "tumblr.com", "linkedin.com", "threads.net",
    ),
    "book": (
        "gutenberg.org", "wikisource.org", "qidian.com", "jjwxc.net", "zongheng.com", "17k.com", "fanqienovel.com", "ctext.org",
        "archiveofourown.org", "fanfiction.net", "standardebooks.org",
    ),
    "academic": (
        "arxiv.org", "cnki.net", "wanfangdata.com.cn", "cqvip.com", "ncbi.nlm.nih.gov", "biorxiv.org", "medrxiv.org", "doi.org",
        "springer.com", "sciencedirect.com", "nature.com", "jstor.org", "ieee.org", "acm.org", "aclanthology.org", "plos.org",
        "semanticscholar.org", "chinaxiv.org",
    ),
    "law": (
        "flk.npc.gov.cn", "wenshu.court.gov.cn", "pkulaw.com", "legislation.gov.uk", "eur-lex.europa.eu", "law.cornell.edu",
        "courtlistener.com", "justia.com", "elegislation.gov.hk", "law.moj.gov.tw", "ecfr.gov", "bailii.org", "lawinfochina.com",
    ),
    "government": ("gov.cn", "gov", "gov.uk", "gov.au", "gov.hk", "gov.tw", "gov.mo", "gov.sg", "europa.eu", "un.org", "gc.ca", "mil"),
    "education": ("koolearn.com", "zxxk.com", "jyeoo.com", "21cnjy.com", "khanacademy.org", "coursera.org", "icourse163.org", "chegg.com"),
    "code": ("github.com", "gitlab.com", "gitee.com", "bitbucket.org", "sourceforge.net", "raw.githubusercontent.com", "codeberg.org"),
    "commerce": (
        "taobao.com", "tmall.com", "jd.com", "1688.com", "alibaba.com", "pinduoduo.com", "suning.com", "dangdang.com", "amazon.com",
        "amazon.cn", "amazon.co.uk", "ebay.com", "etsy.com", "walmart.com", "aliexpress.com",
    ),
}  # fmt: skip
_FRONTS: Final = {
    "news": ("news", "xinwen"), "forum": ("bbs", "forum", "forums", "community", "ask", "club", "tieba"), "encyclopaedia": ("baike",),
    "commerce": ("shop", "store", "mall", "item", "detail"), "government": ("gov",),
}  # fmt: skip
_PATHS: Final = (
    ("news", r"(?i)/(?:news|xinwen)/|/20[0-9]{2}[-/]?(?:0[1-9]|1[0-2])[-/]?[0-3][0-9]/"),
    ("forum", r"(?i)/(?:forum|forums|bbs|thread|viewtopic|showthread|questions?)[-/.0-9]|(?:thread|viewtopic|showthread)\.(?:php|aspx)"),
    ("commerce", r"(?i)/(?:product|products|item|goods|shop|cart)/"),
)  # fmt: skip
"""Looked for in this order, in addresses whose host tells nothing."""

Codes = npt.NDArray[np.int8]
_CODES: Final = {kind: code for code, kind in enumerate(KINDS)}
_OF_SITE: Final = {site: _CODES[kind] for kind, sites in _SITES.items() for site in sites}
_OF_FRONT: Final = {front: _CODES[kind] for kind, fronts in _FRONTS.items() for front in fronts}
_UNKNOWN: Final = _CODES[UNKNOWN]


def kinds_by_address(url: pa.Array) -> Codes:
    """int8[n]: the place in KINDS of each URL's kind, `unknown` where there is none or it tells nothing."""
    found = np.full(len(url), _UNKNOWN, np.int8)
    if url.null_count == len(url):
        return found
    distinct = hosts(url).dictionary_encode()
    named = np.array([*(kind_of_host(host) for host in distinct.dictionary.to_pylist()), _UNKNOWN], np.int8)
    found = named[np.asarray(pc.fill_null(distinct.indices, len(distinct.dictionary)), np.int64)]
    for kind, path in _PATHS:
        told = np.asarray(pc.fill_null(pc.match_substring_regex(url, path), False))
        found[told & (found == _UNKNOWN)] = _CODES[kind]
    return found


@lru_cache(maxsize=65_536)
def kind_of_host(host: str) -> int:
    """The place in KINDS of what a host holds: by the longest of its ends that is a known site, then by its first word."""
    labels = host.strip().strip(".").lower().split(".")
    for first in range(len(labels)):
        code = _OF_SITE.get(".".join(labels[first:]))
        if code is not None:
            return code
    return _OF_FRONT.get(labels[0], _UNKNOWN) if len(labels) > 2 else _UNKNOWN
