"""The files of text lists, read into keys: one entry a line, `#` for a remark. No entry is ever shown.

What is known of the whole list (version, as_of, key_id) may stand at its head as remarks: ``# version: 7``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from checks.addresses import NO_HOST, registrable_domain
from checks.listed.hosts import a_labels, host_key
from checks.listed.index import KEY_BYTES, Keys, keys_from

HEAD: Final = ("version", "as_of", "key_id")
MOST_ROWS: Final = 1 << 25
"""Of one list."""
_SHOWN: Final = 20
_HEAD_LINE: Final = re.compile(r"#\s*(version|as_of|key_id)\s*:\s*(\S.*?)\s*$")


@dataclass
class Mistakes:
    """What is wrong within one file: the first are told, the rest counted."""

    path: Path
    told: list[str]
    count: int = 0

    def say(self, place: str, problem: str) -> None:
        """Add one, at *place* within the file, such as ``line 3``."""
        self.count += 1
        if self.count <= _SHOWN:
            self.told.append(f"{self.path}: {place}: {problem}")
        elif self.count == _SHOWN + 1:
            self.told.append(f"{self.path}: there are more mistakes than these {_SHOWN}; mend the file")


def head_line(line: str, head: dict[str, str]) -> None:
    """Add to *head* what a remark says of the whole list."""
    if told := _HEAD_LINE.match(line):
        head[told[1]] = told[2]


def text_list(path: Path, entry: Callable[[str], bytes | str], mistakes: Mistakes) -> tuple[dict[str, str], Keys]:
    """(head, keys) of a text list; *entry*: the key of a line, or what is wrong with it. Raises ``OSError``."""
    head: dict[str, str] = {}
    keys: list[bytes] = []
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            try:
                line = raw.removeprefix(b"\xef\xbb\xbf").decode()
            except UnicodeDecodeError:
                mistakes.say(f"line {number}", "bad UTF-8; write the file as UTF-8")
                continue
            if not keys:
                head_line(line, head)
            if not (value := line.partition("#")[0].strip()):
                continue
            made = entry(value)
            if isinstance(made, str):
                mistakes.say(f"line {number}", made)
            else:
                keys.append(made)
            if len(keys) > MOST_ROWS:
                mistakes.say(f"line {number}", f"at most {MOST_ROWS:,} entries; leave out what no longer matters")
                break
    return head, keys_from(keys)


def fingerprint(value: str) -> bytes | str:
    """The key of an entry of refusals."""
    if not re.fullmatch(f"[0-9A-Fa-f]{{{2 * KEY_BYTES}}}", value):
        return f"no fingerprint ({2 * KEY_BYTES} hexadecimal digits); make it with `corpusledger subject fingerprint`"
    return bytes.fromhex(value)


def content_id(value: str) -> bytes | str:
    """The key of an entry of takedowns."""
    if not re.fullmatch("[0-9A-Fa-f]{64}", value):
        return "no content id (64 hexadecimal digits); take it from `corpusledger query copies`"
    return bytes.fromhex(value)[:KEY_BYTES]


def site(value: str) -> bytes | str:
    """The key of an entry of blocked sites: a host, or a domain that blocks all below it; ``*.`` before it says no more."""
    name = a_labels(value.removeprefix("*."))
    if name is None or registrable_domain(name) == NO_HOST:
        return "no host or registrable domain; write names such as example.com.cn, without scheme, path and port"
    return host_key(name)
