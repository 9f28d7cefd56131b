// Drawings of the explorables, as rectangles [x, y, width, height, class].
const ROWS = 12, CELLS = 24; // of the filters drawn
function filters({ kernel_size: k, out_channels, groups }, { rows, cells }) { // a row is a filter, a square a kernel
  const side = k + 1, squares = [];
  for (let row = 0; row < rows; row++) {
    const group = Math.floor(row * groups / out_channels) % 6;
    for (let at = 0; at < cells; at++) squares.push([at * side, row * side, k, k, "g" + group]);
  }
  return squares;
}
function bars(values) {
  const most = Math.max(...values);
  return values.map((value, row) => [0, row * 14, 200 * value / most, 10, "g" + row]);
}
function windows(sides) { // the grid of pixels, and the window after each layer, the last one outermost
  const whole = sides.at(-1) + 2, middle = whole / 2, cells = [];
  if (whole <= 48) for (let y = 0; y < whole; y++) for (let x = 0; x < whole; x++) cells.push([x, y, 1, 1, "grid"]);
  for (const side of [...sides].reverse()) cells.push([middle - side / 2, middle - side / 2, side, side, "window"]);
  return cells;
}
function maps(height, padding, side) { // x with its border, and F(x) on it
  const whole = height + 2 * padding;
  return [
    [0, 0, whole, whole, "border"],
    [padding, padding, height, height, "g0"],
    [padding, padding, side, side, "g1"],
  ];
}
function draw(svg, cells) {
  const shapes = cells.map(([x, y, width, height, style]) => {
    const shape = document.createElementNS(svg.namespaceURI, "rect");
    for (const [name, value] of Object.entries({ x, y, width, height, class: style })) shape.setAttribute(name, value);
    return shape;
  });
  const far = side => Math.max(...cells.map(cell => cell[side] + cell[side + 2]));
  svg.toggleAttribute("hidden", !cells.length);
  if (cells.length) svg.setAttribute("viewBox", [-0.5, -0.5, far(0) + 1, far(1) + 1]);
  svg.replaceChildren(...shapes);
}
