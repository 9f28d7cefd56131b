// The tables of costs: a click on a heading sorts by its column, the largest number or the first word first, then turns.
for (const region of all(".costs .scroll")) {
  region.setAttribute("role", "group");
  region.tabIndex = 0;
}
for (const table of all(".sortable")) {
  const headings = all("thead th", table), body = $("tbody", table);
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const rows = [...body.rows], number = rows.some(row => row.cells[column].dataset.v);
      const now = heading.getAttribute("aria-sort");
      const way = now ? (now === "ascending" ? "descending" : "ascending") : number ? "descending" : "ascending";
      const turn = way === "ascending" ? 1 : -1, none = row => !row.cells[column].dataset.v;
      for (const one of headings) one.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", way);
      body.append(...rows.sort((a, b) => number // what has no number stays below
        ? none(a) - none(b) || turn * (a.cells[column].dataset.v - b.cells[column].dataset.v) || 0
        : turn * a.cells[column].innerText.localeCompare(b.cells[column].innerText)));
    });
  });
}
