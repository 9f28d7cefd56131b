"""Explorables on the page: presets that equal the evidence, by keyboard, in the address, in print, when projected."""

import copy
import json
from pathlib import Path

import pytest

from lab.claims import course
from lab.report import page
from selfcheck.report_samples import sample
from selfcheck.warm_runs import TESTS

ASSETS = Path(page.__file__).parent / "assets"
COURSE = course.read(TESTS / "course.toml")


@pytest.fixture(scope="module")
def measured(runs, tmp_path_factory):
    """Evidence of a run of the claims that need no training, in the files that record presets."""
    folder = tmp_path_factory.mktemp("measured")
    files = [path for place in ("lecture", "exercises") for path in sorted((TESTS / place).glob("test_*.py"))
             if "evidence.preset(" in path.read_text(encoding="utf-8")]
    runs.run(folder, "-m", "not trained", "-p", "no:cacheprovider", f"--report-dir={folder}", *files,
             project=TESTS.parent)
    return json.loads((folder / "evidence.json").read_text(encoding="utf-8"))


READ = """section => [...section.querySelectorAll(".outputs output")]
    .map(output => [output.name, output.textContent])"""
CLICKED = f"""sections => sections.flatMap(section => {{
    const rows = section.querySelectorAll("[data-settings]"), statement = section.closest(".statement").dataset.id;
    return [...section.querySelectorAll(".pick button")].map((button, index) => {{
        button.click();
        return [statement, JSON.parse(rows[index].dataset.settings), ({READ})(section)];
    }});
}})"""


def numbers(texts):
    """{name: number} that an explorable shows."""
    return {name: float(text.replace(",", "")) for name, text in texts if text != "–"}


def outputs(section):
    return numbers(section.evaluate(READ))


def differing(visited, evidence):
    """(statement, measured, shown) of each preset at which the page's script doesn't compute what a claim measured."""
    return [(statement, preset["measured"], numbers(shown))
            for statement, settings, shown in visited.locator("[data-explore]").evaluate_all(CLICKED)
            for preset in presets_of(evidence, statement)
            if settings.items() <= preset["settings"].items()
            and not preset["measured"].items() <= numbers(shown).items()]


def presets_of(evidence, statement):
    return [preset for test in evidence["tests"] if test["statement"] == statement
            for preset in test.get("presets", ())]


def test_presets_show_what_the_claims_measured(opened, measured, tmp_path):
    visited = opened(page.write(measured, tmp_path).as_uri())
    exact = {one.id for one in COURSE.statements if one.explore and one.explore != "shuffled-pixels"}

    assert {one for one in exact if not presets_of(measured, one)} == set()
    assert visited.locator("[data-explore] .pick button").count() > 40
    assert differing(visited, measured) == []


@pytest.mark.parametrize("statement", ["L2.2", "L7.8", "L6.6", "E8.1"])
def test_evidence_that_changed_is_found(statement, opened, measured, tmp_path):
    changed = copy.deepcopy(measured)
    name = next(iter(presets_of(changed, statement)[0]["measured"]))
    presets_of(changed, statement)[0]["measured"][name] += 1

    assert [found[0] for found in differing(opened(page.write(measured, tmp_path).as_uri()), changed)] == [statement]


def test_they_and_their_formulas_are_small_and_without_eval():
    scripts = [(ASSETS / name).read_text(encoding="utf-8") for name in ("formulas.js", "drawings.js", "explore.js")]

    assert sum(len(script.encode()) for script in scripts) <= 15_000
    assert not any(word in script for script in scripts for word in ("eval(", "Function(", "innerHTML"))


def test_the_keyboard_moves_a_slider_and_the_address_keeps_it(opened, address):
    visited = opened(address)
    counter = visited.locator('[id="L1.1"] [data-explore]')
    counter.get_by_label("channels out").press("ArrowRight")
    counter.get_by_role("checkbox", name="bias").press("Space")
    assert outputs(counter)["weights"] == 3 * 3 * 3 * 5 and outputs(counter)["biases"] == 5
    assert visited.evaluate("location.hash") == "#L1.1?out_channels=5&bias=true"

    visited.reload()
    assert outputs(counter)["parameters"] == 3 * 3 * 3 * 5 + 5


def test_the_size_of_the_map_leaves_the_weights(opened, address):
    visited = opened(address)
    counter = visited.locator('[id="L1.1"] [data-explore]')
    counter.get_by_label("height of the map").press("End")

    assert counter.locator(".changed").evaluate_all("all => all.map(it => it.name)") == ["multiply_adds"]
    assert "the weights stay" in counter.locator(".says").inner_text()


@pytest.mark.parametrize("state, name, value", [
    pytest.param("L1.2?reduced_channels=128", "weights", 256 * 128 + 9 * 128 * 192, id="one number"),
    pytest.param("L1.3?kernel_size=3&kernel_size=5&kernel_size=2&stride=2&stride=1&stride=1&dilation=1&dilation=2"
                 "&dilation=1", "receptive_field", 3 + 4 * 2 * 2 + 1 * 2, id="one for each layer"),
    pytest.param("L1.4?kernel_size=x&stride=&height=1e9&what=1", "output_height", 224 - 2, id="what is no number"),
])
def test_an_address_sets_an_explorable(state, name, value, opened, address):
    visited = opened(f"{address}#{state}")

    assert outputs(visited.locator(f'[id="{state[:4]}"] [data-explore]'))[name] == value


def test_layers_are_added_and_taken_away(opened, address):
    visited = opened(address)
    stack = visited.locator('[id="L1.3"] [data-explore]')
    stack.get_by_role("button", name="Add a layer").press("Enter")
    assert outputs(stack)["receptive_field"] == 5 + 2 * 2 and stack.locator("fieldset").count() == 3

    for _ in range(4):    # the first layer stays
        stack.get_by_role("button", name="Take the last away").press("Enter")
    assert outputs(stack)["receptive_field"] == 3 and stack.locator("fieldset").count() == 1


def test_the_blocks_walk_through_their_sizes_by_keyboard(opened, address):
    block = opened(address).locator('[id="L1.5"] [data-explore] [name=block]')
    walked = []
    for key in ["ArrowRight"] * 6 + ["ArrowLeft"]:
        block.press(key)
        walked.append(block.input_value())

    assert walked == ["2", "4", "7", "14", "28", "28", "14"]


def test_a_digit_is_shown_with_what_was_measured(opened, tmp_path):
    visited = opened(page.write(sample(6, 1), tmp_path).as_uri())
    shuffled = visited.locator("[data-explore=shuffled-pixels]")

    assert shuffled.locator("img.drawing").evaluate("it => it.naturalWidth") == 28
    assert outputs(shuffled) == {"cnn_accuracy": 95.1, "fc_accuracy": 87.2}
    shuffled.get_by_role("slider").press("End")
    assert outputs(shuffled) == {} and "no accuracy at this size" in shuffled.locator(".says").inner_text()


def test_they_wait_for_a_prediction_when_projected(opened, address):
    visited = opened(f"{address}?project=on#L1.2", width=1024)
    explorable = visited.locator(".statement.now [data-explore]")
    assert not explorable.is_visible()

    visited.keyboard.press("2")
    assert explorable.is_visible() and not visited.locator(".statement.now .correction").is_visible()
    explorable.get_by_role("slider", name="channels between").press("ArrowRight")
    assert visited.inner_text("#place") == "2" and outputs(explorable)["weights"] == 65 * (256 + 9 * 192)
    for _ in range(2):    # from the slider, then from projecting
        visited.keyboard.press("Escape")
    visited.click("#project")
    assert not explorable.is_visible()


def test_sliders_keep_their_width_on_a_telephone_at_twice_the_size_of_text(opened, address):
    visited = opened(address, width=390)
    visited.evaluate("document.documentElement.style.fontSize = '200%'")
    widths = visited.locator("[data-explore] [type=range]").evaluate_all("all => all.map(it => it.offsetWidth)")

    assert len(widths) > 15 and min(widths) > 80


@pytest.mark.parametrize("how", [{"java_script_enabled": False}, {}], ids=["without script", "in print"])
def test_a_table_of_presets_stands_in_its_place(how, opened, address):
    visited = opened(address, **how)
    visited.emulate_media(media="print" if not how else "screen")
    explorable = visited.locator('[id="L1.2"] [data-explore]')

    assert explorable.locator("table").is_visible() and "126,976" in explorable.locator("table").inner_text()
    assert explorable.locator("input:visible, svg:visible, button:visible").count() == 0
