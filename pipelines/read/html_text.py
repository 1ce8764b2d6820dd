"""Turn a web page's bytes into its readable text, and hand on the licences that its markup names.

The parser is libxml2's HTML parser through lxml, the cheapest well-kept one here; the text is what a reader sees, one
line a block element. Boilerplate (menus, footers) stays: judging it is a check's business.
"""

import codecs
import re

from lxml import etree

from pipelines.read.html_licences import page_licences

_HIDDEN = ("script", "style", "template", "noscript", "svg", "math", "iframe", "object", "select")
_BLOCKS = (
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section", "summary",
    "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
)  # fmt: skip
_CELLS = ("td", "th")
_BREAK, _KEPT_SPACE = "\ufdd0", "\ufdd1"  # noncharacters, which HTML forbids: they are taken out first
_WHITE = re.compile(r"[ \t\n\r\f\v]+")
_BREAKS = re.compile(rf" *{_BREAK}[ {_BREAK}]*")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_PRESCAN_BYTES = 1024  # WHATWG HTML, "prescan a byte stream to determine its encoding"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WEB_LABELS = {  # WHATWG Encoding: what browsers take these labels for
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "ascii": "cp1252", "us-ascii": "cp1252", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "big5": "big5hkscs", "iso-8859-9": "cp1254", "tis-620": "cp874",
    "unicode": "utf-16-le", "utf8": "utf-8",
}  # fmt: skip


def decode_page(octets: bytes, declared: str | None) -> str:
    """The characters of a page: by its byte order mark, the HTTP charset, its own meta tag, else UTF-8 where it is valid,
    GB 18030 where that is, and Windows-1252. What does not decode becomes U+FFFD, as in browsers.
    """
    for mark, name in _BOMS:
        if octets.startswith(mark):
            return octets[len(mark) :].decode(name, "replace")
    found = _CHARSET.search(octets, 0, _PRESCAN_BYTES)
    for label in (declared, found.group(1).decode() if found else None):
        codec = _codec(label)
        if codec is not None:
            return octets.decode(codec, "replace")
    for name in ("utf-8", "gb18030"):
        try:
            return octets.decode(name)
        except UnicodeDecodeError:
            continue
    return octets.decode("cp1252", "replace")


def page_text(page: str) -> tuple[str, str | None, dict[str, str]]:
    """(readable text, the licences that its markup declares parted by spaces or None, `Licences.elsewhere`) of an HTML page."""
    cleaned = page.replace("\0", "\ufffd").replace(_BREAK, "").replace(_KEPT_SPACE, "")
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(cleaned.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # nothing in it that the parser could make an element of
        root = None
    if root is None:
        return "", None, {}
    licences = page_licences(root)
    etree.strip_elements(root, *_HIDDEN, with_tail=False)
    _keep_layout(root)
    text = _WHITE.sub(" ", etree.tostring(root, method="text", encoding="unicode"))
    text = _BREAKS.sub("\n", text).strip("\n ").replace(_KEPT_SPACE, " ")
    return text, licences.declared, licences.elsewhere


def _keep_layout(root: etree._Element) -> None:
    """Mark where lines break, before the page's own white space loses its meaning."""
    for pre in root.iter("pre", "textarea"):
        for node in pre.iter():
            node.text = _preserved(node.text)
            if node is not pre:
                node.tail = _preserved(node.tail)
    for block in root.iter(*_BLOCKS):
        block.text = _BREAK + _allowed(block.text)
        block.tail = _BREAK + _allowed(block.tail)
    for cell in root.iter(*_CELLS):
        cell.tail = " " + _allowed(cell.tail)


def _allowed(text: str | None) -> str:
    """*text* without the control characters that libxml2 reads from a page but does not let anybody set."""
    return _CONTROLS.sub("", text) if text else ""


def _preserved(text: str | None) -> str | None:
    return text and _allowed(text).replace("\r", "").replace("\n", _BREAK).replace(" ", _KEPT_SPACE)


def _codec(label: str | None) -> str | None:
    """Python's codec for a charset label of the web, None if it has none."""
    name = (label or "").strip(" \t\"'").lower()
    name = _WEB_LABELS.get(name, name)
    try:
        found = codecs.lookup(name) if name else None
    except LookupError:
        return None
    # `hex` and `zip` are codecs as well, but none of text
    return found.name if found is not None and found._is_text_encoding else None  # noqa: SLF001 - no public way to ask
