"""The colours of figures, and the names under which the page's style sheet has them for light and dark."""

INK, MUTED, GRID = "#22262b", "#5f6670", "#d9d6cc"
SERIES = ("#1b6ca8", "#b8560f", "#3c7a37", "#87499f", "#7d651a", "#a8355a")
NAMES = {INK: "ink", MUTED: "muted", GRID: "rule", **{colour: f"s{i}" for i, colour in enumerate(SERIES)}}
