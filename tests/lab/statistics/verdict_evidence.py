"""A sequential verdict as the plain data that evidence.experiment records."""


def verdict_evidence(decision, *, arms, differences, metric, rule, data, recipe, seeds=None):
    """arms: {name: one value a seed or round}; differences: what the verdict was reached on, in that order."""
    return {
        "arms": arms, "seeds": list(range(decision.n)) if seeds is None else list(seeds), "differences": differences,
        "metric": metric, "margin": decision.margin, "alpha": decision.alpha, "rule": rule, "n": decision.n,
        "mean": decision.mean, "sd": decision.sd, "interval": decision.interval,
        "worst": max(differences, key=abs) if decision.rule.startswith("equivalence") else min(differences),
        "verdict": decision.verdict, "e_value": decision.e_value, "data": data, "recipe": recipe,
    }
