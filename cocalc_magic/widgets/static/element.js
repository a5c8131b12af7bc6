// DOM elements.

// Returns an element with attributes and children. JupyterLab takes letters and Enter for its own shortcuts
// ("dd" deletes the cell), unless the focused element has this data attribute.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (/^(a|button|input|select)$/.test(tag) || "tabindex" in attributes) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children);
  return node;
}

// Returns a button that calls `act` when it is clicked.
export function button(text, act, attributes = {}) {
  const node = element("button", { type: "button", ...attributes }, text);
  node.addEventListener("click", act);
  return node;
}
