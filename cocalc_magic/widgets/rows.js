// A box that shows a few of any number of rows: what its bar and its scrollbar need.

const TALLEST = 8e6; // pixels; browsers stop somewhere above

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  // Keys in here are not for the front-end's shortcuts: Enter is no new cell, an arrow does not leave.
  if (/^(input|button)$/.test(tag) || "tabindex" in attributes) element.dataset.lmSuppressShortcuts = "true";
  element.append(...children);
  return element;
}

function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

// The rows that the kernel has sent, by pages of so many; `ask(start)` asks for a page that is missing.
function pagesOf(size, ask) {
  const most = 60; // pages that are kept
  const waiting = new Set();
  let pages = new Map();
  return {
    ask(number) {
      const page = Math.floor(number / size);
      if (waiting.has(page)) return;
      waiting.add(page);
      ask(page * size);
    },
    // A row, and whether its page is there, which is asked for if not; beyond the last row there is none.
    row(number) {
      const page = pages.get(Math.floor(number / size));
      if (!page) this.ask(number);
      return { there: Boolean(page), row: page?.[number % size] };
    },
    got(start, rows) {
      const page = Math.floor(start / size);
      waiting.delete(page);
      pages.set(page, rows);
      if (pages.size > most) pages.delete(pages.keys().next().value);
    },
    clear() {
      pages = new Map();
      waiting.clear();
    },
  };
}

// Asks the kernel. Where it has ended, which no event tells the page, that is said instead.
function toKernel(model, said, content) {
  try {
    model.send(content);
  } catch {
    said.textContent = "The kernel has ended: run the cell again.";
  }
}

// Which row is the first in sight. `sizes()` gives the number of rows `found`, how many are `seen` at
// once, the `height` of one, and the `last` that can be the first. The scrollbar is the browser's; what
// is finer than its pixels (a wheel, arrows) moves by rows here.
function rowsOf(box, spacer, sizes, paint) {
  let at = 0;
  let due = 0;
  const way = () => Math.max(1, box.scrollHeight - box.clientHeight);
  const place = (row) => (row / Math.max(1, sizes().last)) * way();
  const inside = (row) => Math.max(0, Math.min(row, sizes().last));

  function go(row) {
    at = inside(row);
    box.scrollTop = place(at);
    paint();
  }

  function scrolled() {
    due = 0;
    if (Math.abs(place(at) - box.scrollTop) > 1) at = inside(Math.round((box.scrollTop / way()) * sizes().last));
    paint();
  }

  box.addEventListener("scroll", () => {
    due ||= requestAnimationFrame(scrolled);
  });
  box.addEventListener(
    "wheel",
    (event) => {
      const { found, seen, height } = sizes();
      if (found * height <= TALLEST || event.ctrlKey || event.shiftKey) return;
      const unit = [1 / height, 1, seen][event.deltaMode];
      const row = inside(at + Math.sign(event.deltaY) * Math.ceil(Math.abs(event.deltaY) * unit));
      if (row === at) return;
      event.preventDefault();
      go(row);
    },
    { passive: false },
  );
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
    const { found, seen } = sizes();
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: seen - 1, PageUp: 1 - seen, Home: -found, End: found };
    if (!(event.key in steps)) return;
    event.preventDefault();
    go(at + steps[event.key]);
  });

  return {
    first: () => (at = inside(at)),
    go,
    sized(around) {
      const { found, seen, height } = sizes();
      box.style.height = `${seen * height + around}px`;
      spacer.style.height = `${Math.max(0, Math.min(found * height, TALLEST) - seen * height)}px`;
    },
  };
}

// A button that asks the kernel for a text and puts it into the clipboard; `copied(answer)` does the latter.
function copier(name, title, ask) {
  const button = made("button", { type: "button", title }, name);
  const calm = () => button.disabled || (button.textContent = name);
  button.addEventListener("click", (event) => {
    button.disabled = true;
    button.textContent = "Copying …";
    ask(event);
  });
  for (const event of ["pointerleave", "blur"]) button.addEventListener(event, calm);
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

// A field whose words the kernel looks for, a moment after they were typed.
function searchField(name, found) {
  const search = made("input", { type: "search", placeholder: name, "aria-label": name });
  let typed = 0;
  search.addEventListener("keydown", (event) => event.stopPropagation());
  search.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(found, 150);
  });
  return search;
}
