"use strict";

const collator = new Intl.Collator("en", { numeric: true });

/* A cell's number, null where nothing is known, or its text. */
function key(cell) {
  const value = cell.dataset.value;
  if (value === undefined) return cell.textContent;
  return value === "" ? null : Number(value);
}

/* Numbers before texts; what is missing comes last in either direction. */
function compare(a, b, direction) {
  if (a === null || b === null) return (a === null) - (b === null);
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  if (typeof a === "string") return direction * collator.compare(a, b);
  return a === b ? 0 : direction * (a < b ? -1 : 1);
}

function sort(table, head) {
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  const body = table.tBodies[0];
  const keyed = Array.from(body.rows, (row) => [key(row.cells[head.cellIndex]), row]);
  keyed.sort((a, b) => compare(a[0], b[0], ascending ? 1 : -1));
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  body.append(...keyed.map((pair) => pair[1]));
}

function makeSortable(table) {
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, head));
    head.append(button);
  }
}

/* A table with room to spare needs no box of its own, and its head can then stay in sight. */
function watch(box) {
  const table = box.firstElementChild;
  new ResizeObserver(() => box.classList.toggle("fits", table.offsetWidth <= box.clientWidth)).observe(box);
}

document.querySelectorAll("figure.table table").forEach(makeSortable);
document.querySelectorAll("figure.table .box").forEach(watch);
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
