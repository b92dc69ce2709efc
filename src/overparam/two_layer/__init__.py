"""Two-layer ReLU networks: what single claims of Arora et al. 2019 rest on.

Source: Arora, Du, Hu, Li, Wang 2019 (ICML, arXiv 1901.08584).
"""
