"""Mathematics of infinitely wide networks, and of finite ones beside them."""
