"use strict";
// Everything here is a convenience: without script the page reads, switches its language and prints as well.
const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const statements = all(".statement");
document.documentElement.classList.add("live");

// Language, filters and what is projected stand in the address, so that a reload keeps them.
function remember(values, place) {
  const address = new URL(location.href);
  for (const [name, of] of Object.entries(values)) {
    address.searchParams.delete(name);
    for (const value of of) address.searchParams.append(name, value);
  }
  if (place && target()?.id !== place) address.hash = encodeURIComponent(place); // else an explorable's state stays
  if (address.href === location.href) return;
  try { history.replaceState(null, "", address); } catch { /* some browsers forbid it for files: not remembered */ }
}
const remembered = new URLSearchParams(location.search);

// The language: the address's, else the run's, else the reader's.
function speak(language) {
  $("#lang-" + language).checked = true;
  document.documentElement.lang = language;
  document.title = $(language === "zh" ? "h1 i[lang]" : "h1 i:not([lang])")?.textContent ?? document.title;
}
const asked = remembered.get("lang");
const own = "auto" in document.documentElement.dataset && navigator.language.startsWith("zh") ? "zh" : document.documentElement.lang;
speak(["en", "zh"].includes(asked) ? asked : own);
for (const radio of all("[name=language]")) {
  radio.addEventListener("change", () => { speak(radio.value); remember({ lang: [radio.value] }); });
}

// What may be wider than its place scrolls by keyboard; without script, browsers see to that.
for (const region of all(".claim .scroll")) {
  region.setAttribute("role", "group");
  region.setAttribute("aria-labelledby", $("h4", region.closest(".claim")).id);
  region.tabIndex = 0;
}

// Finding: every word of the query must occur; within a group of boxes one must fit.
const texts = new Map();
function words(statement) {
  if (!texts.has(statement)) texts.set(statement, statement.textContent.toLowerCase());
  return texts.get(statement);
}
function find() {
  const query = $("#query").value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = name => all(`[name=${name}]:checked`).map(box => box.value);
  const groups = ["verdict", "origin", "kind", "section"].map(name => [name, chosen(name)]);
  remember({ find: query.length ? [$("#query").value] : [], ...Object.fromEntries(groups) });
  let shown = 0;
  for (const statement of statements) {
    const fits = ([name, values]) => !values.length || values.some(value =>
      name === "kind" ? statement.dataset.kind.split(" ").includes(value) : statement.dataset[name] === value);
    statement.hidden = !(groups.every(fits) && query.every(word => words(statement).includes(word)));
    shown += !statement.hidden;
  }
  for (const part of all(".part")) part.hidden = !$(".statement:not([hidden])", part) && shown < statements.length;
  for (const one of all(".corrections li")) one.hidden = document.getElementById(one.dataset.of).hidden;
  for (const part of all(".corrections")) part.hidden = !$("li:not([hidden])", part);
  document.documentElement.classList.toggle("filtered", shown < statements.length);
  for (const place of all(".shown")) place.textContent = shown;
  $("#unprojected").hidden = true;
}
function filter(query, chosen) {
  $("#query").value = query;
  for (const box of all(".filters input")) box.checked = chosen(box);
  $(".filters").open ||= $(".filters input:checked") !== null;
  find();
}
function unfilter() { filter("", () => false); }
filter(remembered.get("find") ?? "", box => remembered.getAll(box.name).includes(box.value));
$(".tools").addEventListener("input", find);
$(".tools").addEventListener("reset", event => { event.preventDefault(); unfilter(); }); // the printed sheet stays
$(".tools").addEventListener("submit", event => event.preventDefault());

// What a link or the address leads to is seen, whatever the filters hide; a statement opens.
function target() { // also where an explorable's state follows, as in #L7.8?reduced_channels=64
  const hash = location.hash.slice(1), known = text => document.getElementById(decodeURIComponent(text));
  try { return known(hash) ?? known(hash.split("?")[0]); } catch { return null; }
}
function open() {
  const aim = target(), statement = aim?.closest(".statement");
  if (!aim) return;
  const hidden = aim.closest("[hidden]"), projecting = document.body.classList.contains("projecting");
  if (hidden) unfilter();
  if (projecting) follow(statement);
  const details = statement && $("details", statement);
  if (details) details.open = true;
  if (statement || hidden || projecting) aim.scrollIntoView();
}
addEventListener("hashchange", open);
addEventListener("click", event => { // to where the address is already, which is no change of it
  if (event.target.closest("a[href]")?.hash === location.hash) open();
});
open();

function unfold(open) {
  for (const details of all(".statement details:not(.inner)")) details.open = open;
  $("#unfold").hidden = open;
  $("#fold").hidden = !open;
}
$("#unfold").addEventListener("click", () => unfold(true));
$("#fold").addEventListener("click", () => unfold(false));
$("#print").addEventListener("click", () => print());
// Where the style can't unfold what is printed, this does.
addEventListener("beforeprint", () => { for (const details of all(".statement details:not(.inner)")) details.open = true; });

// Copying a command, a correction, or all corrections that the filters leave, in the language that shows.
async function copy(text, button) {
  try { await navigator.clipboard.writeText(text); } catch {
    const area = document.body.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const ways = [$(".idle", button), $(".done", button)];
  const said = done => ways.forEach((way, index) => { way.hidden = done !== (index === 1); });
  said(true);
  setTimeout(() => said(false), 1500);
}
for (const text of all(".copyable")) {
  const button = $("#copy").content.firstElementChild.cloneNode(true);
  text.after(button);
  button.addEventListener("click", () => copy(text.textContent, button));
}
function corrections(written) {
  const language = document.documentElement.lang;
  return all(".corrections li:not([hidden])").map(one =>
    written($(".was", one).innerText, $(`.paste[lang=${language}] .copyable`, one).textContent)).join("\n");
}
const literal = text => text.replace(/[\\`*_<\[]/g, "\\$&");
const FORMATS = {
  text: (was, better) => `${was}\n→ ${better}\n`,
  markdown: (was, better) => `- ${literal(was)}\n  - **${literal(better)}**`,
};
for (const button of all("[data-copy]")) {
  button.addEventListener("click", () => copy(corrections(FORMATS[button.dataset.copy]), button));
}
