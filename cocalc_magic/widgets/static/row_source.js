// Client side of a row source: rows of the kernel, requested by page.

const MAX_PAGES = 60; // in the cache

// Caches rows by pages of `size`; `ask(start)` requests a missing page from the kernel.
export function rowPages(size, ask) {
  const waiting = new Set();
  const pages = new Map();
  return {
    ask(number) {
      const page = Math.floor(number / size);
      if (waiting.has(page)) return;
      waiting.add(page);
      ask(page * size);
    },
    // Returns a row, and whether its page is there; requests a missing page.
    row(number) {
      const page = pages.get(Math.floor(number / size));
      if (!page) this.ask(number);
      return { there: Boolean(page), row: page?.[number % size] };
    },
    add(start, rows) {
      const page = Math.floor(start / size);
      waiting.delete(page);
      pages.set(page, rows);
      if (pages.size > MAX_PAGES) pages.delete(pages.keys().next().value);
    },
    clear() {
      pages.clear();
      waiting.clear();
    },
  };
}

// Sends a message to the kernel; shows in `status` that it has ended, for which the page gets no event.
export function sendToKernel(model, status, content) {
  try {
    model.send(content);
  } catch {
    status.textContent = "The kernel has ended: run the cell again.";
  }
}
