"""Plain Presidio, as anybody starts it: AnalyzerEngine with our recognizers, or with Presidio's own default registry."""

import os
import warnings
from functools import lru_cache
from typing import Any, Final

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NoOpNlpEngine, SpacyNlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

from checks.personal.folding import fold

SPACY_MODEL: Final = "CORPUSLEDGER_SPACY_MODEL"
"""Environment variable with the path of a spaCy model; without it that peer is not measured."""
_LANGUAGE: Final = "en"  # ours are of no language; one registration serves all texts


def plain_engine() -> AnalyzerEngine:
    """Plain AnalyzerEngine with the product's recognizers and context words, as `verify` holds a run to it; no language model.

    Every recognizer folds the text before it looks. Plain Presidio is spared that: it folds a document once, not once a
    recognizer, so that the ratio does not grow by work that nobody needs.
    """
    from checks.personal import recognizers
    from checks.personal.plain import engine

    setattr(recognizers, "fold", lru_cache(maxsize=2)(fold))  # noqa: B010  # it is no part of that module's public list
    return engine()


def default_engine() -> AnalyzerEngine:
    """Presidio's default registry for English without a language model: another list of entities than ours."""
    return _engine(_default_registry(), NoOpNlpEngine(models=[{"lang_code": _LANGUAGE, "model_name": "none"}]))


def spacy_engine() -> AnalyzerEngine | None:
    """The default registry with the spaCy model that `SPACY_MODEL` names; None where it names none."""
    path = os.environ.get(SPACY_MODEL)
    if not path:
        return None
    model = SpacyNlpEngine(models=[{"lang_code": _LANGUAGE, "model_name": path}])
    model.load()
    registry = _default_registry()
    registry.add_nlp_recognizer(nlp_engine=model)
    return _engine(registry, model)


def stay_offline() -> None:
    """Presidio's e-mail recognizer asks tldextract, which fetches the public suffix list on first use; its snapshot serves."""
    import tldextract

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # type: ignore[assignment]


def analyse(engine: AnalyzerEngine, text: str) -> list[RecognizerResult]:
    """What *engine* finds in *text*."""
    results: list[RecognizerResult] = engine.analyze(text, _LANGUAGE)
    return results


def as_rows(results: list[RecognizerResult]) -> list[tuple[str, int, int, int]]:
    """Results as sorted (entity, start, end, score_ppm)."""
    return sorted((r.entity_type, r.start, r.end, round(r.score * 1_000_000)) for r in results)


def _default_registry() -> RecognizerRegistry:
    registry: RecognizerRegistry = RecognizerRegistryProvider(
        registry_configuration={"supported_languages": [_LANGUAGE]}
    ).create_recognizer_registry()
    return registry


def _engine(registry: RecognizerRegistry, model: Any) -> AnalyzerEngine:
    with (
        warnings.catch_warnings()
    ):  # it says that context words need a model: known, and said in docs/personal-accuracy.md
        warnings.simplefilter("ignore", UserWarning)
        return AnalyzerEngine(registry=registry, nlp_engine=model, supported_languages=[_LANGUAGE])
