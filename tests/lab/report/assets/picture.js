// A figure as a picture for slides: in pixels, which every program takes, as it looks here, in one language, with its
// title above and a margin around, into which a reader's wider fonts may reach.
const MARGIN = 12, LINE = 15; // in the drawing's points
function standalone(drawing, width, height) {
  const copy = drawing.cloneNode(true), looks = getComputedStyle(drawing);
  const style = document.createElementNS(copy.namespaceURI, "style");
  const rules = [...document.styleSheets[0].cssRules].filter(rule => /^\.f\d+$/.test(rule.selectorText));
  const value = (_, name) => looks.getPropertyValue(name);
  style.textContent = rules.map(rule => rule.cssText).join("").replace(/var\((.*?)\)/g, value);
  const copied = all("tspan", copy);
  all("tspan", drawing).forEach((words, index) => {
    if (getComputedStyle(words).display === "none") copied[index].textContent = "";
  });
  for (const name of ["font-family", "stroke-linejoin"]) copy.setAttribute(name, looks.getPropertyValue(name));
  for (const image of all("image", copy)) image.setAttribute("image-rendering", "pixelated");
  for (const [name, value] of Object.entries({ width, height, viewBox: [-MARGIN, -MARGIN, width, height] })) {
    copy.setAttribute(name, value);
  }
  copy.prepend(style);
  return "data:image/svg+xml," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
}
function wrapped(text, width, ink) {
  const lines = [""];
  for (const piece of text.split(/(?<=\s)|(?=[\u2e80-\u9fff])/)) { // a line of Chinese may end anywhere
    const longer = lines.at(-1) + piece;
    if (ink.measureText(longer.trimEnd()).width <= width) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines.filter(Boolean);
}
async function save(figure, title) {
  const drawing = $("svg.plot", figure), paper = document.createElement("canvas"), image = new Image();
  const { width: inner, height } = drawing.viewBox.baseVal, width = inner + 2 * MARGIN;
  image.src = standalone(drawing, width, height + 2 * MARGIN);
  await image.decode();
  const ink = paper.getContext("2d"), looks = getComputedStyle(document.body);
  const font = `600 11px ${getComputedStyle(drawing).fontFamily}`;
  ink.font = font;
  const lines = wrapped(title, inner, ink), above = lines.length * LINE;
  [paper.width, paper.height] = [4 * width, 4 * (above + height + 2 * MARGIN)]; // which resets the ink
  ink.scale(4, 4);
  ink.fillStyle = looks.backgroundColor;
  ink.fillRect(0, 0, paper.width, paper.height);
  ink.drawImage(image, 0, above, width, height + 2 * MARGIN);
  [ink.fillStyle, ink.font] = [looks.color, font];
  lines.forEach((line, index) => ink.fillText(line, MARGIN, MARGIN + (index + 0.7) * LINE, inner));
  const link = document.createElement("a");
  link.download = figure.closest(".statement").id + ".png";
  link.href = paper.toDataURL();
  link.click();
}
for (const caption of all("svg.plot + figcaption")) {
  const button = $("#save").content.firstElementChild.cloneNode(true), title = document.createElement("span");
  title.append(...caption.childNodes);
  caption.append(title, button);
  button.addEventListener("click", () => save(caption.parentElement, title.innerText));
}
