// A figure as a picture for slides: in pixels, which every program takes, as it looks here, in one language.
const LOOKS = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "opacity", "font-family", "font-size", "text-anchor", "image-rendering"];
function standalone(drawing) {
  const copy = drawing.cloneNode(true), looks = all("*", drawing).map(part => getComputedStyle(part));
  all("*", copy).forEach((part, index) => {
    if (looks[index].display === "none" && part.matches("tspan")) part.textContent = "";
    for (const name of LOOKS) part.setAttribute(name, looks[index].getPropertyValue(name));
  });
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
