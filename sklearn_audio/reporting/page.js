"use strict";

// A table is sorted by the buttons in the heads of its columns.
function sort(head) {
  const body = head.closest("table").tBodies[0];
  const isDescending = head.ariaSort === "ascending";
  const isNumber = head.classList.contains("n");
  const collator = new Intl.Collator("en", { numeric: true });
  const value = (row) => {
    const text = row.cells[head.cellIndex].textContent;
    if (text === "") return null;
    return isNumber ? Number(text.replace("−", "-").replace("∞", "Infinity")) : text;
  };
  const compare = (one, other) => {
    // What is missing comes last, whichever way.
    if (one.value === null || other.value === null) return (one.value === null) - (other.value === null);
    const order = isNumber
      ? (one.value > other.value) - (one.value < other.value)
      : collator.compare(one.value, other.value);
    return isDescending ? -order : order;
  };
  const rows = Array.from(body.rows, (row) => ({ row, value: value(row) })).sort(compare);
  body.append(...rows.map(({ row }) => row));
  for (const each of head.parentNode.cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
}

for (const head of document.querySelectorAll(".sortable thead th")) {
  head.querySelector("button")?.addEventListener("click", () => sort(head));
}

// The filter shows the rows that hold a text, or that have a finding: "finding: copy".
const all = document.getElementById("all");
const filter = document.getElementById("filter");
const told = document.querySelector("output");
const findings = Array.from(all.tHead.rows[0].cells).findIndex((head) => head.textContent === "Findings");

function show() {
  const wanted = filter.value.trim().toLowerCase();
  const name = wanted.startsWith("finding:") ? wanted.slice("finding:".length).trim() : null;
  let n = 0;
  for (const row of all.tBodies[0].rows) {
    row.hidden = name === null
      ? !row.textContent.toLowerCase().includes(wanted)
      : !row.cells[findings].textContent.split(", ").includes(name);
    n += !row.hidden;
  }
  told.textContent = wanted ? `${n} of ${all.tBodies[0].rows.length} shown` : "";
}

filter.addEventListener("input", show);

function goTo(section) {
  const title = section.querySelector("h2");
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  section.scrollIntoView();
}

for (const button of document.querySelectorAll("[data-finding]")) {
  button.addEventListener("click", () => {
    filter.value = `finding: ${button.dataset.finding}`;
    show();
    goTo(document.getElementById("recordings"));
  });
}

// In the frame of a notebook an address such as #classes would be one of the notebook.
for (const link of document.querySelectorAll('a[href^="#"]')) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    goTo(document.querySelector(link.getAttribute("href")));
  });
}
