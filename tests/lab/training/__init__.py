"""Training from seeds: the loop, what is random in it, its variations, and what is watched meanwhile."""
