"""Mathematics of deep ReLU networks near their initialisation, and of how they are trained."""
