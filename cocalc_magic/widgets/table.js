// A table of any number of rows: only those in sight are in the page, and the kernel is asked for them.

const PAGE = 100; // rows asked for at once
const KEPT = 60; // pages
const TALLEST = 8e6; // pixels; browsers stop somewhere above
const LINES = 14;

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export default {
  render({ model, el }) {
    const columns = model.get("columns");
    let found = model.get("total");
    let ticket = 0; // of the order and filter that are shown
    let order = null;
    let pages = new Map();
    const waiting = new Set();
    let height = 24;
    let copying = false;

    const search = made("input", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows" });
    const copy = made("button", { type: "button", title: "Copy these rows as CSV" }, "Copy CSV");
    const count = made("span", { role: "status", class: "ccm-count" });
    const bar = made("div", { class: "ccm-bar" }, search, copy, count);

    const head = made("tr", { "aria-rowindex": "1" }, made("th", { class: "ccm-number" }, "#"));
    const heads = columns.map((column, index) => {
      const button = made("button", { type: "button", title: `Sort by ${column.name}` }, column.name);
      const cell = made("th", { scope: "col", "aria-sort": "none" }, button);
      if (column.numeric) cell.className = "ccm-numeric";
      button.addEventListener("click", () => sort(index));
      head.append(cell);
      return cell;
    });
    const body = made("tbody");
    const table = made("table", {}, made("thead", {}, head), body);
    table.setAttribute("aria-rowcount", found + 1);
    const spacer = made("div", { class: "ccm-space" });
    const box = made("div", { class: "ccm-box", tabindex: "0", role: "region", "aria-label": "Records" }, table, spacer);
    el.classList.add("ccm-table");
    el.replaceChildren(bar, box);

    const lines = () => Math.min(found, LINES);
    const full = () => Math.min(found * height, TALLEST);
    const seen = () => lines() * height;

    function first() {
      const most = Math.max(0, found - lines());
      const way = Math.max(1, box.scrollHeight - box.clientHeight);
      return Math.min(most, Math.round((box.scrollTop / way) * most));
    }

    function sized() {
      box.style.height = `${seen() + (table.tHead.offsetHeight || 26) + 14}px`;
      spacer.style.height = `${Math.max(0, full() - seen())}px`;
      table.setAttribute("aria-rowcount", found + 1);
      const total = model.get("total");
      const rows = total === 1 ? "row" : "rows";
      const all = `${total.toLocaleString("en")} ${rows}`;
      const hidden = model.get("hidden");
      const more = hidden ? `, ${hidden} more columns: to_frame() has them` : "";
      count.textContent = (found === total ? all : `${found.toLocaleString("en")} of ${all}`) + more;
    }

    function ask(page) {
      if (waiting.has(page)) return;
      waiting.add(page);
      model.send({ do: "rows", start: page * PAGE, count: PAGE, order, words: search.value, ticket });
    }

    function paint() {
      const from = first();
      const to = Math.min(found, from + lines());
      const rows = [];
      let missing = false;
      for (let number = from; number < to; number++) {
        const page = pages.get(Math.floor(number / PAGE));
        if (!page) {
          ask(Math.floor(number / PAGE));
          missing = true;
        } else rows.push(line(number, page[number % PAGE] ?? []));
      }
      box.setAttribute("aria-busy", String(missing));
      if (missing) return;
      body.replaceChildren(...rows);
      box.dataset.first = from;
      for (const cell of heads) {
        const width = Math.ceil(cell.getBoundingClientRect().width);
        if (width > (cell.ccmWidth ?? 0)) cell.style.minWidth = `${(cell.ccmWidth = width)}px`;
      }
    }

    function line(number, cells) {
      const row = made("tr", { "aria-rowindex": number + 2 }, made("td", { class: "ccm-number" }, String(number + 1)));
      cells.forEach(([words, exact], index) => {
        const cell = made("td", {}, words);
        if (columns[index]?.numeric) cell.className = "ccm-numeric";
        if (exact || words.length > 30) cell.title = exact ?? words;
        row.append(cell);
      });
      return row;
    }

    function anew() {
      ticket += 1;
      pages = new Map();
      waiting.clear();
      ask(Math.floor(first() / PAGE));
    }

    function sort(index) {
      const descending = order?.[0] === index ? (order[1] ? null : true) : false;
      order = descending === null ? null : [index, descending];
      heads.forEach((cell, place) => {
        const here = order?.[0] === place;
        cell.setAttribute("aria-sort", here ? (order[1] ? "descending" : "ascending") : "none");
      });
      anew();
    }

    async function copied(text, problem) {
      copying = false;
      copy.disabled = false;
      if (problem) {
        copy.textContent = `Not copied: ${problem}`;
        return;
      }
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        copy.textContent = "Not copied: the browser does not allow it";
      }
    }

    function answered(answer) {
      if (answer.ticket !== ticket) return;
      if (answer.csv !== undefined) {
        copied(answer.csv, answer.problem);
        return;
      }
      const page = Math.floor(answer.start / PAGE);
      waiting.delete(page);
      pages.set(page, answer.rows);
      if (pages.size > KEPT) pages.delete(pages.keys().next().value);
      if (answer.found !== found) {
        found = answer.found;
        if (first() >= found) box.scrollTop = 0;
      }
      sized();
      paint();
      const real = body.rows[0]?.offsetHeight;
      if (real && real !== height) {
        height = real;
        sized();
      }
    }

    let due = 0;
    let typed = 0;
    box.addEventListener("scroll", () => {
      due ||= requestAnimationFrame(() => {
        due = 0;
        paint();
      });
    });
    // JupyterLab has keys of its own for cells; those that move in a table stay here.
    box.addEventListener("keydown", (event) => event.stopPropagation());
    search.addEventListener("keydown", (event) => event.stopPropagation());
    search.addEventListener("input", () => {
      clearTimeout(typed);
      typed = setTimeout(() => {
        box.scrollTop = 0;
        anew();
      }, 150);
    });
    copy.addEventListener("click", () => {
      if (copying) return;
      copying = true;
      copy.disabled = true;
      copy.textContent = "Copying …";
      model.send({ do: "csv", order, words: search.value, ticket });
    });
    for (const event of ["pointerleave", "blur"])
      copy.addEventListener(event, () => copying || (copy.textContent = "Copy CSV"));
    model.on("msg:custom", answered);
    sized();
    paint();
    return () => model.off("msg:custom", answered);
  },
};
