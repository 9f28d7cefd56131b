// Explorables: native inputs and outputs by the field's names; formulas.js computes, drawings.js draws. Presets are the
// rows of the table that stands in an explorable's place in print and without script; its state stands in the address.
const grouped = number => typeof number === "number" ? number.toLocaleString("en", { maximumFractionDigits: 2 }) : "–";
const fields = section => all("input", section);
function settingsOf(section) {
  const settings = {};
  for (const { name, type, checked, valueAsNumber } of fields(section)) {
    const value = type === "checkbox" ? checked : valueAsNumber;
    if (section.dataset.explore === "receptive-field") (settings[name] ??= []).push(value);
    else settings[name] = value;
  }
  return settings;
}
function assign(input, value) {
  if (input.type === "checkbox") input.checked = value === true || value === "true";
  else if (value !== "" && Number.isFinite(+value)) {
    if (+value > input.max && +value <= 4096) input.max = value; // a claim may go further than the slider
    input.value = value;
  }
}
function assignAll(section, settings) {
  for (const [name, value] of Object.entries(settings)) {
    if (Array.isArray(value)) layer(section, value.length);
    $$(section, name).forEach((input, index) => assign(input, Array.isArray(value) ? value[index] : value));
  }
}
const $$ = (section, name) => fields(section).filter(input => input.name === name);
function layer(section, count) { // as many layers as that
  const stack = $(".layers", section);
  count = Math.min(Math.max(count, 1), 40);
  while (stack.children.length > count) stack.lastElementChild.remove();
  while (stack.children.length < count) stack.append(stack.lastElementChild.cloneNode(true));
  all(".number", stack).forEach((place, index) => { place.textContent = index + 1; });
}

// What each shows for its settings: outputs by name, sayings, texts to fill in, and a drawing.
const SHOW = {
  counter(of, section, moved) {
    const counted = convolution(of), { kernel_size: k, in_channels, out_channels, groups } = of;
    const formula = `${k} × ${k} × ${groups > 1 ? `(${in_channels} ÷ ${groups})` : in_channels} × ${out_channels}`;
    const kernels = in_channels / groups;
    const drawn = { rows: Math.min(out_channels, ROWS), cells: Math.min(kernels, CELLS) };
    const says = !counted ? "refused" : ["height", "width"].includes(moved) ? "same" : "";
    const fill = { formula, groups, filters: out_channels, kernels, ...drawn };
    return { outputs: counted ?? {}, says, fill, draw: counted ? filters(of, drawn) : [] };
  },
  reduction(of) {
    const { kernel_size: k, in_channels, reduced_channels, out_channels } = of;
    const outputs = reducedConvolution(of), direct = convolution(of).weights, less = 1 - outputs.weights / direct;
    const product = (...factors) => factors.join(" × ");
    const last = product(k, k, reduced_channels || in_channels, out_channels);
    return {
      outputs: { ...outputs, direct_weights: direct, break_even: breakEven(of) },
      says: !reduced_channels ? "none" : less > 0 ? "saves" : "costs",
      fill: {
        formula: reduced_channels ? product(1, 1, in_channels, reduced_channels) + " + " + last : last,
        direct_formula: product(k, k, in_channels, out_channels), percent: grouped(Math.abs(100 * less)),
      },
      draw: bars([outputs.weights, direct]),
    };
  },
  "receptive-field"(of, section) {
    const sides = receptiveField(of), side = sides.at(-1);
    all(".layers .result output", section).forEach((place, index) => { place.textContent = sides[index]; });
    return { outputs: { receptive_field: side }, says: "grows", fill: { side }, draw: windows(sides) };
  },
  shapes(of) {
    const { height, kernel_size, stride, padding, dilation } = of, side = outputSide(of), better = remedy(of);
    const kept = better.padding === padding, says = side === null ? "refused" : better.padding === null ? "odd"
      : kept ? better.stride === 1 ? "fits" : "shortcut" : better.stride === 1 ? "padding" : "both";
    const formula = `${height} + 2 × ${padding} − ${dilation} × (${kernel_size} − 1) − 1) ÷ ${stride}`;
    const fill = { formula, p: better.padding, s: better.stride, side: better.side };
    return { outputs: { output_height: side }, says, fill, draw: maps(height, padding, side ?? 0) };
  },
  "shuffled-pixels"({ block }, section) {
    const row = rows(section).find(one => settingsOfRow(one).block === block);
    const picture = $(".presets img", row ?? section), drawing = $("img.drawing", section), outputs = {};
    for (const cell of row ? all("[data-of]:not(:empty)", row) : []) outputs[cell.dataset.of] = +cell.textContent;
    drawing.hidden = !picture;
    if (picture) drawing.src = picture.src;
    return { outputs, says: Object.keys(outputs).length ? "" : "unmeasured", fill: {}, draw: [] };
  },
};

function update(section, moved) {
  const settings = settingsOf(section), show = SHOW[section.dataset.explore];
  const { outputs, says, fill, draw: cells } = show(settings, section, moved);
  for (const input of fields(section)) {
    const shown = $("output", input.closest(".slider"));
    if (shown) shown.textContent = input.value;
  }
  for (const place of all(".outputs output", section)) {
    const text = grouped(outputs[place.name]);
    place.classList.toggle("changed", Boolean(moved) && place.textContent !== text);
    place.textContent = text;
  }
  for (const place of all("[data-say]", section)) place.hidden = place.dataset.say !== says;
  for (const place of all("[data-fill]", section)) place.textContent = fill[place.dataset.fill] ?? "";
  draw($("svg.drawing", section), cells);
  for (const [index, button] of all(".pick button", section).entries()) {
    const preset = Object.entries(settingsOfRow(rows(section)[index]));
    const pressed = preset.every(([name, value]) => String(settings[name]) === String(value));
    button.setAttribute("aria-pressed", String(pressed));
  }
}
const rows = section => all("[data-settings]", section);
function settingsOfRow(row) {
  return { ...JSON.parse(row.closest("table").dataset.common), ...JSON.parse(row.dataset.settings) };
}

// The state in the address: what differs from the start, as in #L7.8?reduced_channels=64.
function keep(section) {
  const now = settingsOf(section), query = new URLSearchParams();
  const changed = Object.keys(now).filter(name => String(now[name]) !== String(section.start[name]));
  for (const name of Array.isArray(now.kernel_size) && changed.length ? Object.keys(now) : changed) {
    for (const value of [now[name]].flat()) query.append(name, value);
  }
  const address = new URL(location.href), text = query.toString();
  address.hash = encodeURIComponent(section.closest(".statement").id) + (text && "?" + text);
  try { history.replaceState(null, "", address); } catch { /* as in remember */ }
}
function restore() {
  const section = target() && $("[data-explore]", target().closest(".statement") ?? target());
  const text = location.hash.split("?")[1];
  if (!section || text === undefined) return;
  const query = new URLSearchParams(text), many = section.dataset.explore === "receptive-field";
  const asked = [...new Set(query.keys())].map(name => [name, many ? query.getAll(name) : query.get(name)]);
  assignAll(section, { ...section.start, ...Object.fromEntries(asked) });
  update(section);
}
function snap(input, before) { // among sizes that divide 28, in the direction of the move
  const sizes = [1, 2, 4, 7, 14, 28], value = +input.value, up = value > before;
  if (sizes.includes(value)) return;
  input.value = up ? sizes.find(size => size > value) : sizes.findLast(size => size < value);
}

for (const section of all("[data-explore]")) {
  const parts = $("#explore-" + section.dataset.explore).content.cloneNode(true);
  $("h4", section).after(parts);
  const heading = $("h4", section).id;
  for (const group of all("[role=group]", section)) group.setAttribute("aria-labelledby", heading);
  for (const row of rows(section)) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...[...$("th", row).childNodes].map(node => node.cloneNode(true)));
    for (const picture of all("img", button)) picture.remove();
    button.addEventListener("click", () => {
      assignAll(section, settingsOfRow(row));
      update(section, "preset");
      keep(section);
    });
    $(".pick", section).append(button);
  }
  section.addEventListener("input", ({ target: input }) => {
    if (input.name === "block") snap(input, section.block);
    section.block = settingsOf(section).block;
    update(section, input.name);
  });
  section.addEventListener("change", () => keep(section));
  for (const [name, by] of [[".add", 1], [".take", -1]]) {
    $(name, section)?.addEventListener("click", () => {
      layer(section, $(".layers", section).children.length + by);
      update(section, "layers");
      keep(section);
    });
  }
  if ($(".layers", section)) layer(section, 1);
  const first = rows(section).find(row => $("[data-of]:not(:empty)", row)); // with something measured
  if (first) assignAll(section, settingsOfRow(first));
  section.start = settingsOf(section);
  section.block = section.start.block;
  update(section);
}
addEventListener("hashchange", restore);
restore();
