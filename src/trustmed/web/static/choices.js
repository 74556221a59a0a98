// A field with rows to choose from below it: the rows come with htmx, choosing one writes its code into the field.
"use strict";
const fieldOf = (inside) => inside.closest(".coded").querySelector("input");
const show = (choices, isOpen) => {
  if (!isOpen) choices.replaceChildren();
  fieldOf(choices).setAttribute("aria-expanded", String(isOpen));
};
const closeOthers = (but) => {
  for (const choices of document.querySelectorAll(".choices")) if (choices !== but) show(choices, false);
};
document.addEventListener("click", (event) => {
  const row = event.target.closest(".choices [data-code]");
  if (row) {
    const field = fieldOf(row);
    field.value = row.dataset.code;
    const words = field.closest("[role=group]")?.querySelector("input[name$=_text]");
    if (words) words.placeholder = row.dataset.name;
    field.focus();
  }
  closeOthers(null);
});
document.addEventListener("focusin", (event) => closeOthers(event.target.closest(".coded")?.querySelector(".choices") ?? null));
document.addEventListener("keydown", (event) => {
  const coded = event.target.closest(".coded");
  if (!coded) return;
  const rows = [...coded.querySelectorAll("[data-code]")];
  const at = rows.indexOf(document.activeElement);
  if (event.key === "Escape") {
    coded.querySelector("input").focus();
    closeOthers(null);
  } else if (event.key === "ArrowDown" && rows.length) {
    rows[Math.min(at + 1, rows.length - 1)].focus();
  } else if (event.key === "ArrowUp" && at >= 0) {
    (at ? rows[at - 1] : coded.querySelector("input")).focus();
  } else if (event.key === "Enter" && at < 0 && rows.length) {
    rows[0].click();
  } else {
    return;
  }
  event.preventDefault();
});
new MutationObserver((changes) => {
  for (const { target } of changes) {
    if (target.matches?.(".choices")) fieldOf(target).setAttribute("aria-expanded", String(target.childElementCount > 0));
  }
}).observe(document.documentElement, { childList: true, subtree: true });
