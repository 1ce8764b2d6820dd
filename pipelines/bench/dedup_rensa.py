"""A peer's half of `bench dedup`: rensa's full signatures over Python shingles, its LSH, and union-find; a program of its own."""

import sys
from pathlib import Path

from rensa import RMinHash, RMinHashLSH

from pipelines.bench.dedup_peers import Clock, Forest, shingles, stands_for, texts_of

THRESHOLD, SLOTS, BANDS, SEED = 0.8, 128, 16, 42
"""As many bands as ours; rensa's examples take eight, which finds fewer."""


def main(language: str, folder: str, path: str) -> None:
    """Read *path*; leave in *folder* which document stands for each, by the estimate alone, as rensa's users do."""
    clock = Clock.now()
    texts = texts_of(Path(path))
    sketches = RMinHash.from_token_sets((shingles(text, language) for text in texts), SLOTS, SEED)
    index = RMinHashLSH(THRESHOLD, SLOTS, BANDS)
    index.insert_many(sketches)
    forest = Forest(len(texts))
    for number, candidates in enumerate(index.query_all(sketches)):
        for other in candidates:
            if other < number and index.is_similar(sketches[number], sketches[other]):
                forest.join(number, other)
    clock.answer(Path(folder), stands_for([forest.root(number) for number in range(len(texts))]))


if __name__ == "__main__":
    main(*sys.argv[1:])
