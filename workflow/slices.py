"""The slices: families of experiments, each a folder `scripts/<slice>/` of its own."""

SLICES = ("two_layer", "linear_nets", "deep_relu", "infinite_width", "graph_nets")
