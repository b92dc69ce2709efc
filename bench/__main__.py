"""Measure what the project promises, on this computer, and write bench/report.md.

    make bench

Every figure of speed stands beside the computer's matrix-product rate, measured in the same run:
seconds alone say little about another computer, or about this one on a busy day.
"""

import os

# A kernel forced by the environment can halve NumPy's speed, and users have none forced.
os.environ.pop("OPENBLAS_CORETYPE", None)
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"

from datetime import UTC, datetime  # noqa: E402  (the threads have to be set first)
from pathlib import Path  # noqa: E402

from bench import gram, growth, hashes, help_times, planning, steps  # noqa: E402
from bench.rates import computer  # noqa: E402

PARTS = (steps, gram, growth, help_times, planning, hashes)


def main() -> None:
    """Run each part, print it, and keep all of it in one page."""
    page = [
        "# Benchmarks",
        "",
        "<!-- Written by `make bench`. -->",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {computer()}.",
    ]
    for part in PARTS:
        text = part.report()
        print(text, flush=True)
        page += ["", text]
    Path("bench/report.md").write_text("\n".join(page) + "\n")


if __name__ == "__main__":
    main()
