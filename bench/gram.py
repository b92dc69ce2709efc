"""The Gram matrix: memory above the level before, and speed."""

import subprocess
import sys

PROGRAM = """
import re, sys, time, numpy as np
from overparam.deep_kernels import TWO_LAYER, gram
n, d, depth = map(int, sys.argv[1:])
kernel = TWO_LAYER if depth == 2 else TWO_LAYER._replace(depth=depth, layers="all")
x = np.random.default_rng(0).standard_normal((n, d))
x /= np.linalg.norm(x, axis=1, keepdims=True)
gram(x[:64], kernel)
# VmHWM is this program's own peak; getrusage's would be that of the process that started it.
text = lambda: open("/proc/self/status").read()
status = lambda key: 1024 * int(re.search(key + r":\\s+(\\d+)", text())[1])
open("/proc/self/clear_refs", "w").write("5")  # the peak is from here on
before, start = status("VmRSS"), time.perf_counter()
found = gram(x, kernel)
print(status("VmHWM") - before, time.perf_counter() - start)
del found
start = time.perf_counter()
x @ x.T
print(2 * n * n * d / (time.perf_counter() - start) / 1e9)
"""


def report() -> str:
    """Peak memory of H∞ over the matrix's own size, at three n, and of a deep kernel's."""
    lines = [
        "## Gram matrix",
        "",
        "Peak memory above the level before the call, over the size of the (n, n) float64 matrix",
        "(promised: at most 1.3 at n = 10 000), one thread; needs Linux. Depth 2: H∞ of two-layer",
        "ReLU networks; deeper: all layers trained. Beside it, the rate of the product XXᵀ.",
        "",
        "| n | d | depth | matrix MB | peak over matrix | seconds | Gflop/s of XXᵀ |",
        "|---|---|---|---|---|---|---|",
    ]
    for n, d, depth in ((1437, 64, 2), (5000, 784, 2), (10000, 3072, 2), (10000, 784, 4)):
        answer = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(n), str(d), str(depth)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        peak, seconds, rate = map(float, answer.stdout.split())
        matrix = 8 * n * n
        share = f"{matrix / 1e6:.0f} | {peak / matrix:.2f} | {seconds:.1f} | {rate:.1f}"
        lines.append(f"| {n} | {d} | {depth} | {share} |")
    return "\n".join(lines)
