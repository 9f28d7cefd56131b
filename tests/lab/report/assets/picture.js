// A figure as a picture for slides: in pixels, which every program takes, as it looks here, in one language.
function standalone(drawing) {
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
  copy.prepend(style);
  return "data:image/svg+xml," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
}
async function save(figure) {
  const drawing = $("svg.plot", figure), paper = document.createElement("canvas"), image = new Image();
  const { width, height } = drawing.viewBox.baseVal;
  [paper.width, paper.height] = [4 * width, 4 * height];
  image.src = standalone(drawing);
  await image.decode();
  const ink = paper.getContext("2d");
  ink.fillStyle = getComputedStyle(document.body).backgroundColor;
  ink.fillRect(0, 0, paper.width, paper.height);
  ink.drawImage(image, 0, 0, paper.width, paper.height);
  const link = document.createElement("a");
  link.download = figure.closest(".statement").id + ".png";
  link.href = paper.toDataURL();
  link.click();
}
for (const caption of all("svg.plot + figcaption")) {
  const button = $("#save").content.firstElementChild.cloneNode(true);
  caption.append(button);
  button.addEventListener("click", () => save(caption.parentElement));
}
