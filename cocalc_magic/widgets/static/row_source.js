// The page's half of a row source: rows that the kernel has, asked for by page.

const MAX_PAGES = 60; // that are kept

// Caches rows by pages of `size`; `ask(start)` asks the kernel for a page that is missing.
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
    // A row, and whether its page is there, which is asked for if not; beyond the last row there is none.
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

// Sends a message to the kernel. Where it has ended, which no event tells the page, `status` says so.
export function sendToKernel(model, status, content) {
  try {
    model.send(content);
  } catch {
    status.textContent = "The kernel has ended: run the cell again.";
  }
}
