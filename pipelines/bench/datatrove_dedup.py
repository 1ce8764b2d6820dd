"""The peer's half of `bench dedup`: datatrove's four MinHash steps over one file; a program of its own, one core, one process.

Signature, buckets, cluster, filter; its defaults (14 x 8, 5 words, 64-bit xxhash) and its own word tokeniser for the
language. Prints one JSON object. Its working files lie in the folder that is named.
"""

import sys
from pathlib import Path
from struct import iter_unpack
from typing import Any

import numpy as np
from datatrove.data import DocumentsPipeline
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader, ParquetReader
from loguru import logger

from pipelines.bench.datatrove_scan import TOKENISERS
from pipelines.bench.dedup_peers import Clock


def documents(_reader: object, row: dict[str, Any], path: str, place: int | str) -> dict[str, Any]:
    """A row as datatrove's document; an empty text stays one, so that numbers are those of the file's rows."""
    return {"text": row["text"] or " ", "id": f"{path}/{place}", "metadata": {}}


def reader(path: Path) -> Any:
    """datatrove's reader for one file."""
    kind = ParquetReader if path.suffix == ".parquet" else JsonlReader
    return kind(str(path.parent), glob_pattern=path.name, adapter=documents, recursive=False)


def main(language: str, folder: str, path: str) -> None:
    """Read *path*; leave in *folder* which document stands for each."""
    logger.remove()
    clock, at, config, counted = Clock.now(), Path(folder), MinhashConfig(), {"read": 0, "passed": 0}

    def enter(data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        del rank, world_size  # one task
        for document in data:
            counted["read"] += 1
            yield document

    def leave(data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        del rank, world_size
        for document in data:
            counted["passed"] += 1
            yield document

    stages: tuple[tuple[list[Any], int], ...] = (
        ([reader(Path(path)), MinhashDedupSignature(str(at / "signatures"), config, TOKENISERS[language])], 1),
        ([MinhashDedupBuckets(str(at / "signatures"), str(at / "buckets"), config=config)], config.num_buckets),
        ([MinhashDedupCluster(str(at / "buckets"), str(at / "removed"), config, save_cluster_id=True)], 1),
        ([reader(Path(path)), enter, MinhashDedupFilter(str(at / "removed")), leave], 1),
    )
    for number, (steps, tasks) in enumerate(stages):
        logs = str(at / f"logs-{number}")
        LocalPipelineExecutor(steps, tasks=tasks, workers=1, logging_dir=logs, skip_completed=False).run()
    clock.answer(at, kept_of(at / "removed", counted["read"]), **counted)


def kept_of(folder: Path, count: int) -> Any:
    """int64[count]: the document that datatrove keeps of each one's cluster, else itself."""
    found = np.arange(count, dtype=np.int64)
    gone, clusters = folder / "000000.remove", folder / "000000.clusters"
    if not clusters.exists():
        return found
    removed = {document for (document,) in iter_unpack("<I", gone.read_bytes())}
    members = list(iter_unpack("<2I", clusters.read_bytes()))
    kept = {cluster: document for document, cluster in members if document not in removed}
    for document, cluster in members:
        found[document] = kept[cluster]
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
