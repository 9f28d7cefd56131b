// Projecting: predict, then reveal. Arrow keys walk, space reveals, Esc leaves. A presenter's remote has two keys, page
// down and up: the first reveals, then walks.
let walk = [], place = -1;
function show(index) {
  for (const old of all(".now, .told")) old.classList.remove("now", "told");
  place = Math.max(0, Math.min(index, walk.length - 1));
  const statement = walk[place];
  statement.classList.add("now");
  statement.closest(".part").classList.add("now");
  $("#place").textContent = place + 1;
  $("#of").textContent = walk.length;
  for (const part of all("#guessed, #found-out")) part.hidden = true;
  for (const button of all("[data-guess]")) button.setAttribute("aria-pressed", "false");
  $("main").scrollTop = 0;
}
function copied(nodes) { return [...nodes].map(node => node.cloneNode(true)); }
function reveal() {
  const statement = walk[place];
  statement.classList.add("told");
  $("#verdict").replaceChildren(...copied($(".margin .v", statement).childNodes));
  $("#found-out").hidden = false;
  const details = $("details", statement);
  if (details) details.open = true;
}
function told() { return walk[place].classList.contains("told"); }
function guess(button) {
  for (const other of all("[data-guess]")) other.setAttribute("aria-pressed", String(other === button));
  $("#guess").replaceChildren(...copied([...button.childNodes].slice(1)));
  $("#guessed").hidden = false;
}
function project(on) {
  document.body.classList.toggle("projecting", on);
  $("#projector").hidden = !on;
  if (on) {
    const found = statements.filter(one => !one.hidden); // a section alone, say, where the filters ask for it
    walk = found.length ? found : statements;
    show(walk.findIndex(one => "#" + encodeURIComponent(one.id) === location.hash));
    $("#reveal").focus();
  } else {
    const here = walk[place];
    for (const old of all(".now, .told")) old.classList.remove("now", "told");
    here.scrollIntoView();
    $("#project").focus({ preventScroll: true });
  }
}
$("#project").addEventListener("click", () => project(true));
$("#leave").addEventListener("click", () => project(false));
function step(by, event) {
  show(place + by);
  if (event.detail) $("#reveal").focus(); // after a click of the mouse, space reveals
}
$("#next").addEventListener("click", event => step(1, event));
$("#previous").addEventListener("click", event => step(-1, event));
$("#reveal").addEventListener("click", reveal);
for (const button of all("[data-guess]")) button.addEventListener("click", () => guess(button));
const KEYS = {
  ArrowRight: () => show(place + 1), PageDown: () => told() ? show(place + 1) : reveal(),
  ArrowLeft: () => show(place - 1), PageUp: () => show(place - 1),
  ArrowDown: () => $("main").scrollBy(0, 90), ArrowUp: () => $("main").scrollBy(0, -90),
  Home: () => show(0), End: () => show(walk.length - 1),
  " ": reveal, Enter: reveal, Escape: () => project(false),
  1: () => guess(all("[data-guess]")[0]), 2: () => guess(all("[data-guess]")[1]), 3: () => guess(all("[data-guess]")[2]),
};
addEventListener("keydown", event => {
  const onControl = [" ", "Enter"].includes(event.key) && event.target.closest("button, summary, a");
  if ($("#projector").hidden || event.ctrlKey || event.altKey || event.metaKey || onControl || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
