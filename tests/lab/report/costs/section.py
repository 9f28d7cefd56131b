"""The table of costs as the page shows it: a table and figures for each machine, and machines side by side."""

from itertools import groupby

from lab.report.costs.columns import WORDS, filled, network, passes
from lab.report.costs.machines import merged_names, ratio, side_by_side
from lab.report.language.numbers import number
from lab.report.language.words import mark

PLAIN = "float32"  # the mode of the roofline: the one that every device has
LEAST = 0.005  # of a network's time or FLOPs: a layer with less is among the others
LAYERED = mark("{}, {} images: FLOPs and time, layer by layer")
FLOPS, TIME, OTHERS = mark("FLOPs"), mark("time"), mark("all others")


def section(evidence, draw):
    """What costs.html.j2 shows, {"groups", "machines"}; None where nothing was measured. draw(figure): of the page."""
    rows = evidence.get("costs", [])
    if not rows:
        return None
    merged = merged_names(evidence)

    def machine(row):
        return (row.get("run", 0) if merged else 0, row["device"])

    groups = [
        _group(list(of_one), merged and merged[run], draw)
        for (run, _), of_one in groupby(sorted(rows, key=machine), machine)
    ]
    return {"groups": groups, "machines": _machines(evidence)}


def _group(rows, name, draw):
    first, columns = rows[0], filled(rows)
    published = [one for row in rows for one in row["published"]]
    return {
        "name": name or "",
        **{of: first[of] for of in ("device", "driver", "clocks")},
        "rounds": max((row["rounds"] for row in rows if not row["sustained"]), default=0),
        "calls": max(row["single_calls"] for row in rows),
        "words": [column.heading for column in WORDS],
        "numbers": [column.heading for column in columns],
        "published": bool(published),
        "conditions": any(row["conditions"] for row in rows),
        "sources": list(dict.fromkeys(one["source"] for one in published)),
        "rows": [{**row, "cells": _cells(row, columns)} for row in rows],
        "roofline": [draw(figure) for figure in [_roofline(rows)] if figure],
        "layers": [(network(row), draw(figure)) for row in rows if (figure := _layers(row))],
    }


def _cells(row, columns):
    return {
        "words": [column.value(row) for column in WORDS],
        "numbers": [(column.value(row), number(column.value(row))) for column in columns],
    }


def _roofline(rows):
    """Networks under the roof, each at its largest batch, in the plain mode; None of less than two."""
    plain = [row for row in rows if row["mode"] == PLAIN and row["intensity"] and not row["sustained"]]
    largest = {network(row): row for row in sorted(plain, key=lambda row: row["batch"])}
    points = [
        {"label": name, "x": row["intensity"], "y": row["flops_per_second"]} for name, row in sorted(largest.items())
    ]
    return len(points) > 1 and {
        "kind": "roofline",
        "title": mark("Networks under the roof that was measured in this run"),
        "peak_flops": plain[0]["peak_flops"],
        "peak_bandwidth": plain[0]["peak_bandwidth"],
        "points": points,
    }


def _layers(row):
    """Each layer's share of a network's FLOPs beside its share of the time; None of a row that has no layers."""
    flops, time = (sum(layer[of] for layer in row["layers"]) for of in ("flops", "milliseconds"))
    if not (flops and time):
        return None
    shares = [
        (f"{layer['name']} {layer['kind']}", 100 * layer["flops"] / flops, 100 * layer["milliseconds"] / time)
        for layer in row["layers"]
    ]
    shown = [share for share in shares if max(share[1:]) >= 100 * LEAST]
    left = [100 - sum(share[of] for share in shown) for of in (1, 2)]
    shown += [(OTHERS, *left)] if len(shown) < len(shares) else []
    labels, *values = zip(*shown)
    return {
        "kind": "bars",
        "title": LAYERED.format(f"{network(row)}, {passes(row)}, {row['mode']}", row["batch"]),
        "labels": list(labels),
        "groups": [FLOPS, TIME],
        "values": [[round(one, 1) for one in of] for of in values],
        "unit": "%",
    }


def _machines(evidence):
    """Rows that both of two runs measured: images per second of each, and the ratio; None where there are none."""
    pairs = side_by_side(evidence)
    return pairs and {
        "names": merged_names(evidence),
        "rows": [
            {
                "words": [*(column.value(one) for column in WORDS), one["asked"]],
                "rates": [(row["images_per_second"], number(row["images_per_second"])) for row in (one, other)],
                "ratio": ratio(one, other),
            }
            for one, other in pairs
        ],
    }
