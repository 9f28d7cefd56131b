"""Numbers as a reader wants them: all digits of a count, four of a measurement."""

import math
import re
from itertools import islice

THIN = "\u2009"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST = 12  # numbers of a list that fit a table's cell


def finite(values):
    """Floats with NaN for what is not finite (evidence writes such numbers as words, or leaves them out)."""
    numbers = [float(value) if value is not None else math.nan for value in values]
    return [value if math.isfinite(value) else math.nan for value in numbers]


def number(value):
    """Text of a recorded value: number, word, list of numbers or table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _minus(f"{value:,}")
    if isinstance(value, float) and math.isfinite(value):
        return _measurement(value)
    if isinstance(value, (list, tuple)):
        items = [_nested(item) for item in islice(value, MOST)] + ["…"] * (len(value) > MOST)
        between = "; " if any("," in item for item in items) else ", "  # 1; 1,000 are two numbers
        return between.join(items) + (f" ({len(value):,})" if len(value) > MOST else "")
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_nested(item)}" for key, item in value.items())
    return str(value)


def _nested(value):
    return f"[{number(value)}]" if isinstance(value, (list, tuple, dict)) else number(value)


def _measurement(value):
    if value == int(value) and abs(value) < 1e15:
        return _minus(f"{int(value):,}")
    if 1e-3 <= abs(value) < 1e6:
        if len(repr(abs(value)).strip("0.").replace(".", "")) <= 4:  # a declared number, such as 0.01
            return _minus(f"{value:,}")
        digits = max(0, 4 - len(str(int(abs(value)))) + (abs(value) < 1))
        return _minus(f"{value:,.{digits}f}")
    mantissa, exponent = f"{value:.3e}".split("e")
    factor = mantissa.rstrip("0").rstrip(".") + f"{THIN}×{THIN}"
    return _minus(f"{factor}10{str(int(exponent)).translate(RAISED)}").removeprefix(f"1{THIN}×{THIN}")


def _minus(text):
    return text.replace("-", "\u2212")


def column(values):
    """Texts of a column of measurements, all with the decimals that give the largest four digits."""
    measured = [value for value in values if isinstance(value, (int, float)) and math.isfinite(value)]
    if all(value == int(value) for value in measured):
        return [number(value) for value in values]
    decimals = max(0, 4 - len(str(int(max(map(abs, measured))))))
    return [_minus(f"{value:,.{decimals}f}") if value in measured else number(value) for value in values]


def raised(text):
    """A unit's text with its powers raised, such as 10^9."""
    return re.sub(r"\^(-?\d+)", lambda power: power[1].translate(RAISED), text)


def moment(stamp):
    """Day and minute of an ISO time."""
    return stamp[:16].replace("T", " ")


def seconds(value):
    """Duration: milliseconds below one second, then seconds, then minutes."""
    if value < 1:
        return f"{1000 * value:.0f} ms"
    if value < 100:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s"
