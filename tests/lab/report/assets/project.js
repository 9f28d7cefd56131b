// Projecting: predict, then reveal. Arrow keys walk, space reveals, Esc leaves. A presenter's remote has two keys, page
// down and up: the first reveals, then walks.
let walk = [], place = -1;
function show(index) {
  for (const old of all(".now, .told, .guessed")) old.classList.remove("now", "told", "guessed");
  place = Math.max(0, index);
  const statement = walk[place];
  statement.classList.add("now");
  statement.closest(".part").classList.add("now");
  $("#place").textContent = place + 1;
  $("#of").textContent = walk.length;
  for (const part of all("#guessed, #found-out")) part.hidden = true;
  for (const button of all("[data-guess]")) button.setAttribute("aria-pressed", "false");
  $("main").scrollTop = 0;
  remember({ project: ["on"] }, statement.id);
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
  walk[place].classList.add("guessed");
}
function hasVerdict(statement) {
  return ["confirmed", "corrected", "refuted", "context", "published"].includes(statement?.dataset.verdict);
}
function frame(on) {
  document.body.classList.toggle("projecting", on);
  $("#projector").hidden = !on;
}
function project() {
  walk = statements.filter(one => !one.hidden && hasVerdict(one)); // a section alone, say, where so filtered
  $("#unprojected").hidden = walk.length > 0;
  if (!walk.length) return remember({ project: [] });
  frame(true);
  const asked = statements.indexOf(target()?.closest(".statement"));
  show(walk.findLastIndex(one => statements.indexOf(one) <= asked));
  $("#reveal").focus();
}
function leave() {
  const here = walk[place];
  frame(false);
  for (const old of all(".now, .told, .guessed")) old.classList.remove("now", "told", "guessed");
  remember({ project: [] });
  here.scrollIntoView();
  $("#project").focus({ preventScroll: true });
}
function follow(statement) { // a link, while projecting
  if (statement !== walk[place]) hasVerdict(statement) ? project() : leave();
}
function step(by, event) {
  if (walk[place + by]) show(place + by);
  if (event?.detail) $("#reveal").focus(); // after a click of the mouse, space reveals
}
$("#project").addEventListener("click", project);
$("#leave").addEventListener("click", leave);
$("#next").addEventListener("click", event => step(1, event));
$("#previous").addEventListener("click", event => step(-1, event));
$("#reveal").addEventListener("click", reveal);
for (const button of all("[data-guess]")) button.addEventListener("click", () => guess(button));
const KEYS = {
  ArrowRight: () => step(1), PageDown: () => told() ? step(1) : reveal(),
  ArrowLeft: () => step(-1), PageUp: () => step(-1),
  ArrowDown: () => $("main").scrollBy(0, 90), ArrowUp: () => $("main").scrollBy(0, -90),
  Home: () => show(0), End: () => show(walk.length - 1),
  " ": reveal, Enter: reveal, Escape: leave,
  1: () => guess(all("[data-guess]")[0]), 2: () => guess(all("[data-guess]")[1]), 3: () => guess(all("[data-guess]")[2]),
};
addEventListener("keydown", event => {
  const onControl = [" ", "Enter"].includes(event.key) && event.target.closest("button, summary, a");
  const wide = event.target.matches(".scroll, pre") && event.target.scrollWidth > event.target.clientWidth;
  const typing = event.target.matches("input");
  if (typing && event.key === "Escape" && !$("#projector").hidden) return $("#reveal").focus(); // back to these keys
  const across = wide && event.key.startsWith("Arrow");
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  if ($("#projector").hidden || modified || onControl || typing || across || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
if (remembered.has("project")) project();
