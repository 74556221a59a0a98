// The operator's hands stay on the keyboard: what is found gets the focus, a chosen time goes to the line to confirm.
(() => {
  const book = document.getElementById("book");
  let chosen = null;

  const choose = (slot) => {
    for (const one of document.querySelectorAll(".slot[aria-pressed]")) one.removeAttribute("aria-pressed");
    chosen = slot;
    book.hidden = !slot;
    book.elements.slot.value = slot ? slot.dataset.slot : "";
    document.getElementById("what").textContent = slot ? slot.dataset.what : "";
    if (!slot) return;
    slot.setAttribute("aria-pressed", "true");
    book.querySelector("button").focus();
  };

  const leave = () => {
    const slot = chosen;
    choose(null);
    if (slot?.isConnected) slot.focus();
  };

  document.addEventListener("click", (event) => {
    const slot = event.target.closest(".slot");
    if (slot) choose(slot);
    else if (event.target.closest("#back")) leave();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen) leave();
    const slot = event.target.closest(".slot");
    if (!slot || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const slots = [...document.querySelectorAll(".slot")];
    slots[slots.indexOf(slot) + step]?.focus();
    event.preventDefault();
  });

  document.addEventListener("toggle", (event) => {
    if (event.target.matches(".cancelling[open]")) event.target.querySelector("input[name=why]").focus();
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    const found = document.querySelector("#found .found-person, #found details[open] input:not([type=hidden])");
    if (found) found.focus();
    if (chosen && !document.contains(chosen)) choose(null);
    else if (chosen && document.querySelector(`[data-slot="${CSS.escape(chosen.dataset.slot)}"]`) !== chosen) choose(null);
  });
})();
