"""A claim's figures: which are shown, and their drawing as SVG."""
