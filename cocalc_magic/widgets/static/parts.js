// The parts of a live view: HTML of ours, and widgets between it. Ids are copied by a click, texts by a button.

import { button, element } from "./element.js";

const SHORTLY = 1500; // ms that a button says what it did
const END = 4; // characters of an id behind the ellipsis
const SHEET = "ccm-sheet";
const PREFIX = "IPY_MODEL_";

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return "Not copied: the browser does not allow it";
  }
}

// Has the model's style sheet in the page, once for all views.
export function useSheet(model) {
  const text = model.get("sheet");
  let style = document.getElementById(SHEET);
  if (!style) {
    style = element("style", { id: SHEET });
    document.head.append(style);
  }
  if (style.textContent !== text) style.textContent = text;
}

// Returns an element with HTML that the kernel has made harmless.
export function htmlPart(html) {
  const part = element("div", { class: "ccm-html" });
  part.innerHTML = html;
  for (const pre of part.querySelectorAll("pre")) pre.before(copyOf(pre));
  for (const id of part.querySelectorAll(".ccm-id:not(a *)")) copiesItself(id);
  return part;
}

function copyOf(pre) {
  pre.parentElement.classList.add("ccm-pre");
  pre.tabIndex = 0; // it scrolls
  const copy = button("Copy", async () => {
    copy.textContent = await copyText(pre.textContent);
    setTimeout(() => {
      copy.textContent = "Copy";
    }, SHORTLY);
  });
  copy.className = "ccm-plain ccm-copy";
  return copy;
}

function copiesItself(id) {
  id.tabIndex = 0;
  id.setAttribute("role", "button");
  id.dataset.lmSuppressShortcuts = "true";
  id.addEventListener("click", copyId);
  id.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") copyId(event);
  });
}

async function copyId(event) {
  event.preventDefault();
  event.stopPropagation();
  const id = event.currentTarget;
  id.dataset.copied = await copyText(id.title);
  setTimeout(() => delete id.dataset.copied, SHORTLY);
}

// Returns an id of which the middle is not drawn. It is copied by a click, and is no stop of its own for Tab.
export function shortId(whole) {
  const start = element("span", {}, whole.slice(0, -END));
  const id = element("span", { class: "ccm-id ccm-short", title: whole }, start, whole.slice(-END));
  id.addEventListener("click", copyId);
  return id;
}

// Puts the widget of a reference into `place`; returns a function that ends it.
export async function mount(model, reference, place) {
  const child = await model.widget_manager.get_model(reference.slice(PREFIX.length));
  const view = await model.widget_manager.create_view(child);
  place.replaceChildren(view.el);
  for (const type of ["before-attach", "after-attach"]) view.luminoWidget.processMessage({ type });
  return () => view.remove();
}

// Puts all parts into `place`; returns a function that ends the widgets among them.
export function showParts(model, place) {
  const children = model.get("children");
  const mounted = [];
  place.replaceChildren(
    ...model.get("parts").map((part) => {
      if ("html" in part) return htmlPart(part.html);
      const box = element("div");
      mounted.push(mount(model, children[part.child], box));
      return box;
    }),
  );
  return () => {
    for (const child of mounted) child.then((end) => end());
  };
}
