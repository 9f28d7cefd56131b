// Projecting: predict, then reveal. Arrow keys walk, space reveals, Esc leaves. A presenter's remote has two keys, page
// down and up: the first reveals, then walks. A quiz is the same for a student alone, and keeps the score.
function show(index) {
  for (const old of all(".now, .told, .guessed")) old.classList.remove("now", "told", "guessed");
  place = Math.max(0, index);
  const statement = walk[place];
  statement.classList.add("now");
  statement.closest(".part").classList.add("now");
  $("#place").textContent = place + 1;
  $("#of").textContent = walk.length;
  for (const part of all("#guessed, #found-out")) part.hidden = true;
  for (const button of all("[data-to]")) {
    button.setAttribute("aria-current", String(button.dataset.to === statement.dataset.section));
  }
  $("#alone").hidden = true;
  panel("#summary", "#sum-up", false);
  showVotes(statement);
  showScore();
  for (const button of all("[data-guess]")) button.setAttribute("aria-pressed", "false");
  $("main").scrollTop = 0;
  remember({ project: [document.body.classList.contains("quiz") ? "quiz" : "on"] }, statement.id);
}
function copied(nodes) { return [...nodes].map(node => node.cloneNode(true)); }
function verdictOf(statement) { // its words, and the answer of the four that they stand for where they are none of these
  const answer = $(`[data-guess=${statement.dataset.recorded ?? "none"}] .word`);
  return [...copied($(".margin .v", statement).childNodes), ...(answer ? [": ", ...copied(answer.childNodes)] : [])];
}
function reveal() {
  const statement = walk[place];
  statement.classList.add("told");
  $("#verdict").replaceChildren(...verdictOf(statement));
  $("#found-out").hidden = false;
  const details = $("details", statement);
  if (details) details.open = true;
  $("#alone").hidden = !$("figure", statement);
  panel("#votes", "#vote", false);
  compareVotes(statement);
  mark(statement);
}
function told() { return walk[place].classList.contains("told"); }
function guess(button) {
  for (const other of all("[data-guess]")) other.setAttribute("aria-pressed", String(other === button));
  $("#guess").replaceChildren(...copied($(".word", button).childNodes));
  $("#guessed").hidden = false;
  walk[place].classList.add("guessed");
}
function hasVerdict(statement) {
  return ["confirmed", "corrected", "refuted", "context", "recorded", "published"].includes(statement?.dataset.verdict);
}
function frame(on, quiz = false) {
  document.body.classList.toggle("projecting", on);
  document.body.classList.toggle("quiz", on && quiz);
  $("#projector").hidden = $("#bar").hidden = !on;
  if (!on) for (const [part, button] of [["#votes", "#vote"], ["#summary", "#sum-up"]]) panel(part, button, false);
}
function project(quiz = document.body.classList.contains("quiz")) {
  walk = statements.filter(one => !one.hidden && hasVerdict(one)); // a section alone, say, where so filtered
  $("#unprojected").hidden = walk.length > 0;
  if (!walk.length) return remember({ project: [] });
  frame(true, quiz);
  for (const button of all("[data-to]")) button.hidden = !walk.some(one => one.dataset.section === button.dataset.to);
  const asked = statements.indexOf(target()?.closest(".statement"));
  show(walk.findLastIndex(one => statements.indexOf(one) <= asked));
  $("#reveal").focus();
}
function leave() {
  const here = walk[place];
  stopTimer();
  alone(-1);
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
  if ($("figure.alone")) return;
  if (walk[place + by]) show(place + by);
  else if (by > 0 && results().length && $("#summary").hidden) summary(); // after the last statement
  if (event?.detail) $("#reveal").focus(); // after a click of the mouse, space reveals
}
function placeOf(text) { // a statement of the walk by its id, or by its number in it; -1 where there is none
  const wanted = text.trim().toLowerCase(), place = walk.findIndex(one => one.dataset.id.toLowerCase() === wanted);
  return place < 0 && walk[wanted - 1] ? wanted - 1 : place;
}
function goTo(input) {
  const found = placeOf(input.value);
  $("#unknown").hidden = found >= 0;
  if (found < 0) return input.select();
  show(found);
  input.value = "";
  $("#reveal").focus();
}
function alone(index = all(".statement.now figure").findIndex(one => one.classList.contains("alone")) + 1) {
  for (const old of all("figure.alone")) old.classList.remove("alone");
  if (told()) all(".statement.now figure")[index]?.classList.add("alone"); // the next one; after the last, none
}
$("#project").addEventListener("click", () => project(false));
$("#quiz").addEventListener("click", () => project(true));
$("#alone").addEventListener("click", () => alone());
$("main").addEventListener("click", event => { if (event.target.closest("figure.alone")) alone(); });
function onEnter(input, act) { // and no key press for what has the focus then
  input.addEventListener("keydown", event => { if (event.key === "Enter") event.preventDefault(), act(); });
}
onEnter($("#goto"), () => goTo($("#goto")));
onEnter($("#aim"), () => {
  project(false);
  $("#goto").value = $("#aim").value;
  if (walk.length) goTo($("#goto"));
});
for (const statement of statements.filter(hasVerdict)) {
  const button = document.createElement("button"), id = document.createElement("span");
  [button.type, button.className] = ["button", "copy present"];
  [id.className, id.textContent] = ["hushed", statement.dataset.id];
  button.append(...copied($("#project").childNodes), " ", id);
  button.addEventListener("click", () => { remember({}, statement.id); project(false); });
  $(".margin", statement).append(button);
}
for (const button of all("[data-to]")) {
  button.addEventListener("click", event => {
    const first = walk.findIndex(one => one.dataset.section === button.dataset.to);
    if (first >= 0) show(first);
    if (event.detail) $("#reveal").focus();
  });
}
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
  " ": reveal, Enter: reveal, Escape: () => $("figure.alone") ? alone(-1) : $("#summary").hidden ? leave() : summary(),
  ...Object.fromEntries(all("[data-guess]").map((button, index) => [index + 1, () => guess(button)])),
  g: () => $("#goto").focus(), f: () => alone(), v: openVotes, t: timer, s: summary,
};
addEventListener("keydown", event => {
  const onControl = [" ", "Enter"].includes(event.key) && event.target.closest("button, summary, a");
  const wide = event.target.matches(".scroll, pre") && event.target.scrollWidth > event.target.clientWidth;
  const typing = event.target.matches("input");
  if (typing && event.key === "Escape" && !$("#projector").hidden) { // back to these keys
    panel("#votes", "#vote", false);
    return $("#reveal").focus();
  }
  const across = wide && event.key.startsWith("Arrow");
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ($("#projector").hidden || modified || onControl || typing || across || !(key in KEYS)) return;
  event.preventDefault();
  KEYS[key]();
});
if (remembered.has("project")) project(remembered.get("project") === "quiz");
