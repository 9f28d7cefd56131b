// Votes without a network: hands counted before and after discussion, and a quiz's own answers. They stay in this
// browser until the lecturer saves them to a file.
const ANSWERS = all("[data-guess]").map(button => button.dataset.guess), STORE = "votes " + location.pathname;
let walk = [], place = -1; // the statements that are projected, and which of them is
// poll.votes: {id: {before: [hands for A, B, C, D], after: [...]}}; poll.answers: {id: [guess, is it right?]}
let poll = { votes: {}, answers: {} };
try { poll = { ...poll, ...JSON.parse(localStorage.getItem(STORE)) }; } catch { /* some browsers keep nothing for files */ }
function keepPoll() {
  try { localStorage.setItem(STORE, JSON.stringify(poll)); } catch { /* the page has it until it is closed */ }
}
const sum = counts => counts.reduce((all, count) => all + count, 0);
const answerOf = statement => statement.dataset.recorded ?? statement.dataset.verdict;
const boxes = round => all(`[data-round=${round}] input`, $("#votes"));
const roundsOf = statement => Object.entries(poll.votes[statement.dataset.id] ?? {}).filter(([, counts]) => sum(counts));

function showVotes(statement) {
  for (const round of ["before", "after"]) {
    const counts = poll.votes[statement.dataset.id]?.[round] ?? [];
    boxes(round).forEach((box, index) => { box.value = counts[index] || ""; });
  }
  for (const part of all("#counted, #score, #time-up, #unknown")) part.hidden = true;
  stopTimer();
}
function count() {
  const counts = round => boxes(round).map(box => Math.max(0, Math.trunc(box.valueAsNumber) || 0));
  poll.votes[walk[place].dataset.id] = { before: counts("before"), after: counts("after") };
  keepPoll();
  if (told()) compareVotes(walk[place]);
}
function share(counts, answer) {
  const right = counts[ANSWERS.indexOf(answer)];
  return `${right} / ${sum(counts)} (${Math.round(100 * right / sum(counts))} %)`;
}
function compareVotes(statement) { // beside the verdict: who was right, and all four answers
  const rounds = roundsOf(statement), right = document.createElement("b"), others = document.createElement("span");
  right.textContent = rounds.map(([, counts]) => share(counts, answerOf(statement))).join(" → ");
  const hands = index => rounds.map(([, counts]) => counts[index]).join("→");
  others.textContent = " · " + [..."ABCD"].map((letter, index) => `${letter} ${hands(index)}`).join(", ");
  $("#before-after").replaceChildren(right, others);
  $("#counted").hidden = !rounds.length;
}
function mark(statement) { // a quiz counts the answer that was given before the first reveal
  const guess = $("[data-guess][aria-pressed=true]")?.dataset.guess, quiz = document.body.classList.contains("quiz");
  if (guess && quiz) poll.answers[statement.dataset.id] ??= [guess, guess === answerOf(statement)];
  keepPoll();
  showScore();
}
function showScore() {
  const answers = Object.values(poll.answers);
  $("#right").textContent = answers.filter(([, right]) => right).length;
  $("#answered").textContent = answers.length;
  $("#score").hidden = !document.body.classList.contains("quiz") || !answers.length;
}

let ticking = null, until = 0;
function stopTimer() {
  clearInterval(ticking);
  ticking = null;
  $("#left").textContent = "";
}
function tick() {
  const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  $("#left").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (left) return;
  clearInterval(ticking);
  ticking = null;
  $("#time-up").hidden = false;
}
function timer() {
  $("#time-up").hidden = true;
  if (ticking) return stopTimer();
  until = Date.now() + 1000 * ($("#seconds").valueAsNumber || 60);
  ticking = setInterval(tick, 200);
  tick();
}

function panel(name, button, open = $(name).hidden) {
  $(name).hidden = !open;
  $(button).setAttribute("aria-expanded", String(open));
}
function results() { // the most wrong first
  const right = (counts, answer) => 100 * counts[ANSWERS.indexOf(answer)] / sum(counts);
  const percent = (counts, answer) => counts && sum(counts) ? right(counts, answer) : null;
  const rows = statements.flatMap(statement => {
    const { id } = statement.dataset, answer = answerOf(statement), votes = poll.votes[id], own = poll.answers[id];
    if (!roundsOf(statement).length && !own) return [];
    const before = percent(votes?.before, answer) ?? (own && 100 * own[1]);
    return [{ statement, before, after: percent(votes?.after, answer), votes }];
  });
  return rows.sort((one, other) => (one.after ?? one.before) - (other.after ?? other.before));
}
function summary() {
  panel("#summary", "#sum-up");
  panel("#votes", "#vote", false);
  const rows = results();
  $("#no-votes").hidden = rows.length > 0;
  $("#summary tbody").replaceChildren(...rows.map(({ statement, before, after }) => {
    const row = document.createElement("tr");
    const cells = [copied($("h3", statement).childNodes), verdictOf(statement), [before], [after]];
    row.append(...cells.map(parts => {
      const cell = document.createElement("td");
      cell.append(...parts.map(part => typeof part === "number" ? Math.round(part) : part ?? "–"));
      return cell;
    }));
    row.firstChild.prepend(statement.dataset.id + " ");
    return row;
  }));
  if (!$("#summary").hidden) $("#summary .scroll").focus();
}
function saveVotes() {
  const quoted = cell => `"${String(cell).replaceAll('"', '""')}"`;
  const names = ["before", "after"].flatMap(round => [..."ABCD"].map(letter => `${letter} ${round}`));
  const percent = share => typeof share === "number" ? Math.round(share) : "", none = Array(4).fill("");
  const rows = results().map(({ statement, before, after, votes }) => [
    statement.dataset.id, $("h3 [lang=en]", statement).textContent, answerOf(statement),
    ...(votes?.before ?? none), ...(votes?.after ?? none), percent(before), percent(after)]);
  const table = [["id", "statement", "verdict", ...names, "right before, %", "right after, %"], ...rows];
  const link = document.createElement("a");
  link.download = "votes.csv";
  const text = table.map(row => row.map(quoted).join(",")).join("\r\n");
  link.href = "data:text/csv;charset=utf-8," + encodeURIComponent("\ufeff" + text); // Excel wants the mark
  link.click();
}
function forget() {
  poll = { votes: {}, answers: {} };
  keepPoll();
  panel("#summary", "#sum-up", false);
  if (place >= 0) showVotes(walk[place]);
}
$("#votes").addEventListener("input", count);
$("#vote").addEventListener("click", () => openVotes());
function openVotes() {
  panel("#summary", "#sum-up", false);
  panel("#votes", "#vote");
  if (!$("#votes").hidden) boxes(sum(boxes("before").map(box => +box.value)) ? "after" : "before")[0].focus();
}
$("#timer").addEventListener("click", timer);
$("#sum-up").addEventListener("click", summary);
$("#save-votes").addEventListener("click", saveVotes);
$("#forget").addEventListener("click", forget);
