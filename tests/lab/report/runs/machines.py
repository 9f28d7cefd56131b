"""Which machine a run's times belong to, as far as its evidence tells."""

NAMES = ("cpu", "gpu", "threads")
MEASURED = ("device", "driver")  # in the recipes of benchmarks


def machine(evidence):
    """{name: text} of processor, GPU, threads, and the devices and drivers that benchmarks recorded."""
    found = {name: str(evidence["run"][name] or "–") for name in NAMES}
    for name in MEASURED:
        words = {
            str(test["experiment"]["recipe"][name])
            for test in evidence["tests"]
            if test["experiment"] and name in test["experiment"]["recipe"]
        }
        if words:
            found[name] = "; ".join(sorted(words))
    return found


def differences(one, other):
    """{name: [text, text]} where two machines differ; what only one of two runs recorded is no difference."""
    return {name: [one[name], other[name]] for name in one if name in other and one[name] != other[name]}
