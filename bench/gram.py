"""The Gram matrix: memory above the level before, and speed."""

import subprocess
import sys

PROGRAM = """
import re, sys, time, numpy as np
from overparam.kernels import relu_gram
n, d = map(int, sys.argv[1:])
x = np.random.default_rng(0).standard_normal((n, d))
x /= np.linalg.norm(x, axis=1, keepdims=True)
relu_gram(x[:64])
# VmHWM is this program's own peak; getrusage's would be that of the process that started it.
text = lambda: open("/proc/self/status").read()
status = lambda key: 1024 * int(re.search(key + r":\\s+(\\d+)", text())[1])
open("/proc/self/clear_refs", "w").write("5")  # the peak is from here on
before, start = status("VmRSS"), time.perf_counter()
relu_gram(x)
print(status("VmHWM") - before, time.perf_counter() - start)
"""


def report() -> str:
    """Peak memory of H∞ over the matrix's own size, at three n."""
    lines = [
        "## Gram matrix",
        "",
        "Peak memory above the level before the call, over the size of the (n, n) float64 matrix",
        "(promised: at most 1.5), one thread; needs Linux.",
        "",
        "| n | d | matrix MB | peak over matrix | seconds |",
        "|---|---|---|---|---|",
    ]
    for n, d in ((1437, 64), (5000, 784), (10000, 3072)):
        answer = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(n), str(d)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        peak, seconds = map(float, answer.stdout.split())
        matrix = 8 * n * n
        lines.append(f"| {n} | {d} | {matrix / 1e6:.0f} | {peak / matrix:.2f} | {seconds:.1f} |")
    return "\n".join(lines)
