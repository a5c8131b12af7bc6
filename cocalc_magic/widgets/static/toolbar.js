// What stands above a list of rows: a button that copies, a field that searches, a count.

import { element } from "./element.js";

const TYPING = 150; // ms without a key until the kernel is asked

// A button that asks the kernel for a text, by `ask(event)`; `copied(text, problem)` puts the answer into the clipboard.
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

// A field that calls `search` a moment after something was typed.
export function searchField(name, search) {
  const field = element("input", { type: "search", placeholder: name, "aria-label": name });
  let timer = 0;
  field.addEventListener("keydown", (event) => event.stopPropagation());
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, TYPING);
  });
  return field;
}

export function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
