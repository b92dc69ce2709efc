"""Mathematics of linear graph networks: their data, their training, and theorem 1."""
