"""Which lines may belong to a licence's text, notice or name: what a record must hold before the index is asked."""

from typing import Final

_SIGNS: Final = (
    # what grants
    r"permission (?:is (?:hereby )?granted|to use, copy)|permissions? (?:is|are) given|redistributions? (?:and use|of source|in binary|is permitted|permitted)",
    r"free software|redistribute it|special exception|\b(?:use|copy|distribute|sell)\b[^\n]{0,12} (?:and|or|and.or) (?:modif|distribut|sell|copy)",
    r"under the (?:same )?terms (?:of|as|and)|subject to the (?:following )?(?:terms|conditions|licen)|commercial(?:ly)? (?:use|purpose)",
    # what it disclaims or keeps
    r"without (?:any )?(?:express(?:ed)?|implied|even the implied|warrant(?:y|ies))|(?:[\"'`]|“|‘)as[- ]is|proprietary (?:and|information)|trade secrets?",
    r"public domain|unencumbered software|related and neighbou?ring rights",
    # what it is called
    r"common-licenses/|gnu (?:\w+ )?general public|general public licen|common public|mozilla public|same licen[cs]e|\b[al]?gpl(?:v?[123])?\b",
    r"\b(?:gnu|artistic|apache|mozilla|eclipse|mulan|open[- ]?source|free ?bsd|bsd|mit|x11|boost|zlib|isc|creative|community|public|open ?rail|rail|software"
    r"|open font|documentation|research|data)[^\n]{0,40} licen[cs]e",
    r"licen[cs]e (?:agreement|terms|text|conditions)|licen[cs]ed under|legal ?code|terms of (?:use|service)\b|creative commons|llama[- ][1-4](?:\.[0-9])? community",
    r"木兰(?:宽松|公共|开放)|木蘭|开放原子|知识共享|知識共享|(?:使用|许可|授权|社区)(?:许可)?协议|社区许可|许可证(?:发布|第|授权|进行)",
)
TRIGGER: Final = "(?i)" + "|".join(_SIGNS)
"""One expression, of one line, for the shared scan (`checks.triggers`): a superset of what the index knows, rare in other text.

On pages, statutes and encyclopedia articles one record in fifty holds it. Of LicenseDB's texts and notices nineteen in
twenty do; the rest are names alone ("License BSD"), which are for expressions to read.
"""
