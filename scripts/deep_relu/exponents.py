"""The exponent of a figure that falls or grows as a power of a size, as programs write it."""

from typing import Any

import numpy as np
import pandas as pd

from overparam import fits
from pipeline.metrics import measured


def exponent(values: pd.DataFrame, where: str, failed: str = "") -> dict[str, Any]:
    """Of the median over columns in the index.

    values: a row for each size, a column for each network. failed: what it means if a value is not
        positive or not there, which makes the exponent not finite. Of one size nothing is measured.
    """
    if len(values) < 2:
        return measured(np.nan, per_seed=[], where=f"one size, {where}")
    found = values.to_numpy()
    if failed and not (np.all(found > 0) and np.all(np.isfinite(found))):
        return measured(np.nan, where=f"{failed}, {where}")
    fit = fits.power_law(values.index.to_numpy(), found)
    return measured(fit.exponent, interval=(fit.low, fit.high), where=where)
