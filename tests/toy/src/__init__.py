"""Mathematics of the toy slice."""
