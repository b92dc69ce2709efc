"""Linear networks with one hidden layer: L(W1, W2) = ½‖Y − X W1 W2‖², trained by descent or flow.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206:2262-2284). NumPy, float64. Every
array may have leading axes (seeds): x (…, N, n), y (…, N, m), w1 (…, n, h), w2 (…, h, m).
"""
