// Projecting: predict, then reveal. Arrow keys or a presenter's page keys walk; space reveals; Esc leaves.
let place = -1;
function show(index) {
  for (const old of all(".now, .told")) old.classList.remove("now", "told");
  place = Math.max(0, Math.min(index, statements.length - 1));
  const statement = statements[place];
  statement.classList.add("now");
  statement.closest(".part").classList.add("now");
  $("#place").textContent = place + 1;
  $("#guessed").hidden = true;
  $("#guess").replaceChildren();
  for (const button of all("[data-guess]")) button.setAttribute("aria-pressed", "false");
  $("main").scrollTop = 0;
}
function reveal() {
  const statement = statements[place];
  statement.classList.add("told");
  const details = $("details", statement);
  if (details) details.open = true;
}
function guess(button) {
  for (const other of all("[data-guess]")) other.setAttribute("aria-pressed", String(other === button));
  $("#guess").replaceChildren(...[...button.childNodes].slice(1).map(node => node.cloneNode(true)));
  $("#guessed").hidden = false;
}
function project(on) {
  document.body.classList.toggle("projecting", on);
  $("#projector").hidden = !on;
  if (on) {
    $(".tools").reset(); // the lecture is shown whole
    find();
    show(Math.max(0, statements.findIndex(one => "#" + encodeURIComponent(one.id) === location.hash)));
    $("#reveal").focus();
  } else {
    const here = statements[place];
    for (const old of all(".now, .told")) old.classList.remove("now", "told");
    here.scrollIntoView();
    $("#project").focus({ preventScroll: true });
  }
}
$("#project").addEventListener("click", () => project(true));
$("#leave").addEventListener("click", () => project(false));
$("#next").addEventListener("click", () => show(place + 1));
$("#previous").addEventListener("click", () => show(place - 1));
$("#reveal").addEventListener("click", reveal);
for (const button of all("[data-guess]")) button.addEventListener("click", () => guess(button));
const KEYS = {
  ArrowRight: () => show(place + 1), PageDown: () => show(place + 1),
  ArrowLeft: () => show(place - 1), PageUp: () => show(place - 1),
  Home: () => show(0), End: () => show(statements.length - 1),
  " ": reveal, Enter: reveal, Escape: () => project(false),
  1: () => guess(all("[data-guess]")[0]), 2: () => guess(all("[data-guess]")[1]), 3: () => guess(all("[data-guess]")[2]),
};
addEventListener("keydown", event => {
  const onControl = [" ", "Enter"].includes(event.key) && event.target.closest("button, summary, a");
  if ($("#projector").hidden || event.ctrlKey || event.altKey || event.metaKey || onControl || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
