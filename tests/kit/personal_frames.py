"""Seeded labelled text with personal values: frames, written forms and look-alikes, as the benchmark and tests take them.

The generator lies in `pipelines.bench`, which is in the wheel and may import nothing of tests: `bench personal-accuracy`
must run where no checkout is. It is written apart from the recognizers and imports nothing of `checks`.
"""

from pipelines.bench.personal_decoys import DECOYS
from pipelines.bench.personal_forms import WAYS, Written
from pipelines.bench.personal_labelled import SEED, VALUES_A_TYPE, Gold, Labelled, generated, values_by_label

__all__ = ["DECOYS", "SEED", "VALUES_A_TYPE", "WAYS", "Gold", "Labelled", "Written", "generated", "values_by_label"]
