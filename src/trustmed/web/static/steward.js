// Keys of a steward's pages. An element says which key presses it (data-key, a place on the keyboard, so that the
// layout does not matter); a digit chooses among the reasons that are seen; Enter sends the form or opens the link.
(() => {
  const seen = (element) => element.offsetParent !== null || element.closest("label")?.offsetParent !== null;

  const press = (element) => {
    element.click();
    if (element.type === "radio") element.focus();
  };

  const walk = (step) => {
    const rows = [...document.querySelectorAll("a[data-row]")];
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement);
    rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const target = event.target;
    if (target.closest("textarea, select, input:not([type=radio]):not([type=checkbox])")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    const wanted = digit
      ? [...document.querySelectorAll(`[data-digit="${digit[1]}"]`)].find(seen)
      : document.querySelector(`[data-key="${event.code}"]`);
    if (event.key === "Enter") {
      if (target.closest("a, button, summary")) return;
      const form = document.querySelector("form[data-enter]");
      if (form && form.querySelector("[name=answer]:checked")) form.requestSubmit();
      else if (!form && wanted) press(wanted);
      else return;
    } else if (wanted) press(wanted);
    else if (event.key === "ArrowDown" && target.type !== "radio" && walk(1)) void 0;
    else if (event.key === "ArrowUp" && target.type !== "radio" && walk(-1)) void 0;
    else return;
    event.preventDefault();
  });
})();
