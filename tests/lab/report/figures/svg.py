"""matplotlib's SVG made fit for the page: small, in the page's fonts, colours and languages, without inline style."""

import base64
import hashlib
import io
import re
import warnings
from html import unescape

from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image

from lab.report.figures.palette import INK, MUTED, NAMES
from lab.report.figures.paths import stepwise
from lab.report.language import words
from lab.report.language.numbers import raised

SETTINGS = {
    "svg.fonttype": "none",  # text stays text
    "text.parse_math": False,  # a label is data: "$" is a dollar
    "path.simplify": False,  # it would drop the strokes of no length that are dots
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "text.color": INK,
    "xtick.bottom": False,
    "ytick.left": False,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "image.interpolation": "none",
}
ALIKE = re.compile(r'<text( class="\w+")[^>]*>(?:(?!</text>).)*</text>(?:<text\1[^>]*>(?:(?!</text>).)*</text>)+')


def markup(figure, name):
    """(SVG as Markup, {class: declarations} that the page's style must hold) of a matplotlib Figure.

    The ids of its parts begin with `name`: many drawings share one page.
    """
    text = _printed(figure)
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>|<clipPath.*?</clipPath>", "", text, flags=re.DOTALL)
    text = re.sub(r' clip-path="[^"]*"', "", text)  # it would cut dots at an axis' end; every axis here holds its data
    text = _ids(text, name)
    styles = {}
    text = re.sub(r' style="([^"]*)"', lambda found: _class(found[1], styles), text)
    text = re.sub(r">([^<>]*)</text>", lambda found: f">{words.data(unescape(found[1]), 'tspan', raised)}</text>", text)
    text = text.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:href", "href")
    text = text.replace(' xmlns="http://www.w3.org/2000/svg" version="1.1"', ' class="plot"')
    return Markup(_smaller(text)), styles


def _printed(figure):
    """matplotlib's SVG element, without backgrounds."""
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_visible(False)
    source = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # the reader's browser has the fonts
        # the canvas's own printer draws once; savefig would lay everything out a second time
        FigureCanvasSVG(figure).print_svg(source, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return source.getvalue()[source.getvalue().index("<svg") :]


def _smaller(text):
    """The same drawing in half the characters, without which the page of a whole lecture would exceed 1.5 MB."""
    text = re.sub(r'"data:[^"]*"', lambda found: _fewer_colours(found[0]), text)
    text = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", text)
    text = re.sub(r' (?:x|y|width|height|transform|viewBox)="[^"]*"', _in_tenths, text)
    text = re.sub(r' d="([^"]*)"', lambda found: f' d="{stepwise(found[1])}"', text)
    text = re.sub(r"\s*\n\s*", "", text)
    text = re.sub("</?g>|<g/>|<defs></defs>", "", text)  # without ids, groups hold no attribute
    text = re.sub(r'( d="[^"]*")( class="\w+")/>', r"\2\1/>", text)
    text = ALIKE.sub(lambda found: f"<g{found[1]}>{found[0].replace(found[1], '')}</g>", text)
    return re.sub(r'=("[\w.#]+")(?=[ >])', lambda found: "=" + found[1].strip('"'), text)  # HTML needs no quotes there


def _in_tenths(attribute):
    """In tenths of a point, which are finer than a screen shows."""
    return re.sub(r"-?\d+\.\d{2,}", lambda value: f"{round(float(value[0]), 1) + 0:g}", attribute[0])  # + 0: no -0


def _fewer_colours(quoted):
    """The same "data:..." PNG with a palette, which is a third of the size."""
    pixels = Image.open(io.BytesIO(base64.b64decode(quoted.split(",")[1])))
    return f'"{data_uri(pixels.quantize(64, method=Image.Quantize.FASTOCTREE))}"'


def data_uri(pixels):
    """A Pillow image as "data:image/png;base64,..."."""
    file = io.BytesIO()
    pixels.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _ids(text, name):
    """Only ids that something refers to."""
    used = {old: f"{name}.{index}" for index, old in enumerate(dict.fromkeys(re.findall(r'href="#([\w.-]+)', text)))}
    text = re.sub(r' id="([^"]*)"', lambda found: f' id="{used[found[1]]}"' if found[1] in used else "", text)
    return re.sub(r'href="#([\w.-]+)', lambda found: f'href="#{used[found[1]]}', text)


def _class(declarations, styles):
    kept = [part.strip() for part in declarations.split(";") if not part.strip().startswith("font-family")]
    body = ";".join(part for part in kept if part)
    for colour, name in NAMES.items():
        body = body.replace(colour, f"var(--{name})")
    name = "f" + hashlib.sha256(body.encode()).hexdigest()[:12]  # long enough to occur nowhere else
    styles[name] = body
    return f' class="{name}"'
