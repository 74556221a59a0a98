// In the day's grid Tab stops once and arrows go on: down and up within a doctor's day, left and right between doctors.
"use strict";
const stops = (grid) => [...grid.querySelectorAll("section a[class]")];
const stopAt = (grid, link) => {
  for (const other of grid.querySelectorAll("a[class][tabindex='0']")) other.tabIndex = -1;
  link.tabIndex = 0;
};
const prepare = () => {
  for (const grid of document.querySelectorAll(".day-grid:not([data-ready])")) {
    grid.dataset.ready = "";
    const links = stops(grid);
    for (const link of links) link.tabIndex = -1;
    if (links.length) links[0].tabIndex = 0;
  }
};
const beside = (link, step) => {
  const own = link.closest("section");
  const top = link.getBoundingClientRect().top;
  for (let next = own; (next = step > 0 ? next.nextElementSibling : next.previousElementSibling); ) {
    const links = [...next.querySelectorAll("div a[class]")];
    if (links.length) {
      const far = (one) => Math.abs(one.getBoundingClientRect().top - top);
      return links.reduce((best, one) => (far(one) < far(best) ? one : best));
    }
  }
  return null;
};
document.addEventListener("keydown", (event) => {
  const grid = event.target.closest?.(".day-grid");
  const link = event.target.closest?.(".day-grid section a[class]");
  if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
  const own = [...link.closest("section").querySelectorAll("a[class]")];
  const at = own.indexOf(link);
  const next = {
    ArrowDown: () => own[at + 1],
    ArrowUp: () => own[at - 1],
    ArrowRight: () => beside(link, 1),
    ArrowLeft: () => beside(link, -1),
    Home: () => own[0],
    End: () => own.at(-1),
  }[event.key]?.();
  if (next === undefined && !["ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft"].includes(event.key)) return;
  event.preventDefault();
  if (next) {
    stopAt(grid, next);
    next.focus();
  }
});
document.addEventListener("click", (event) => {
  const all = event.target.closest?.("[data-all]");
  if (all) for (const box of all.closest("form").querySelectorAll("input[name=slot]:not(:disabled)")) box.checked = all.checked;
});
prepare();
new MutationObserver(prepare).observe(document.body, { childList: true, subtree: true });
