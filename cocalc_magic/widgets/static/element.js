// DOM elements.

// Makes an element with attributes and children. JupyterLab takes letters and Enter for shortcuts of its own
// ("dd" deletes the cell) unless the focused element carries its mark.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (/^(a|button|input|select)$/.test(tag) || "tabindex" in attributes) made.dataset.lmSuppressShortcuts = "true";
  made.append(...children);
  return made;
}

// Makes a button that calls `act` when it is clicked.
export function button(text, act, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}
