"""Two-layer ReLU networks: what single claims of source 001 rest on.

Source: Arora, Du, Hu, Li, Wang 2019 (ICML, arXiv 1901.08584).
"""
