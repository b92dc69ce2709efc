"""Raised signs, for texts that have no other way to set a power."""

RAISED = str.maketrans("0123456789-−⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻ᵀ")
