"""The table of costs, from the rows that benchmarks measured: on the terminal, in costs.csv, on the page."""
