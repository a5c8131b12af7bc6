// The toolbar of a list of rows: a copy button, a search field, a count.

import { element } from "./element.js";

const DEBOUNCE = 150; // ms after the last key

// Returns a button that requests a text by `ask(event)`; `copied(text, problem)` puts it into the clipboard.
export function copyButton(name, title, ask) {
  const button = element("button", { type: "button", title }, name);
  const reset = () => {
    if (!button.disabled) button.textContent = name;
  };
  button.addEventListener("click", (event) => {
    button.disabled = true;
    button.textContent = "Copying …";
    ask(event);
  });
  for (const event of ["pointerleave", "blur"]) button.addEventListener(event, reset);
  async function copied(text, problem) {
    button.disabled = false;
    button.textContent = "Copied";
    if (problem) {
      button.textContent = `Not copied: ${problem}`;
      return;
    }
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      button.textContent = "Not copied: the browser does not allow it";
    }
  }
  return { button, copied };
}

// Returns a field that calls `search` shortly after something was typed.
export function searchField(name, search) {
  const field = element("input", { type: "search", placeholder: name, "aria-label": name });
  let timer = 0;
  field.addEventListener("keydown", (event) => event.stopPropagation());
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, DEBOUNCE);
  });
  return field;
}

export function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
