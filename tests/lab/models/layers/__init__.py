"""Layers that train many small nets at once: made for speed, not for teaching."""
