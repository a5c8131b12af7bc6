// A table of any number of rows: only visible rows are in the page, requested from the kernel.

import { button, element } from "./element.js";
import { htmlPart, shortId } from "./parts.js";
import { rowPages, sendToKernel } from "./row_source.js";
import { copyButton, counted, searchField } from "./toolbar.js";
import { virtualList } from "./virtual_list.js";

const PAGE = 100; // rows per request
const VISIBLE = 14;
const COPY = "Copy these rows as CSV; texts that a spreadsheet would compute get a ' in front, with Shift they do not";

export default {
  render({ model, el }) {
    const columns = model.get("columns");
    let found = model.get("total");
    let ticket = 0; // number of the current order and filter
    let order = null;
    let height = 24;

    const search = searchField("Filter rows", () => {
      rows.go(0);
      restart();
    });
    const ask = (what, more = {}) =>
      sendToKernel(model, status, { do: what, order, words: search.value, ticket, ...more });
    const pages = rowPages(PAGE, (start) => ask("rows", { start, count: PAGE }));
    const copy = copyButton("Copy CSV", COPY, (event) => ask("csv", { raw: event.shiftKey }));
    const frame = element("button", { type: "button", title: "Make a pandas DataFrame of these rows" }, "DataFrame");
    const count = element("span", { role: "status", class: "ccm-count" });
    const status = element("span", { role: "status", class: "ccm-status" });
    const bar = element("div", { class: "ccm-bar" }, search, copy.button);
    if (model.get("frames")) bar.append(frame);
    bar.append(count, status);

    const head = element("tr", { "aria-rowindex": "1" }, element("th", { class: "ccm-number", scope: "col" }, "#"));
    const heads = columns.map((column, index) => {
      const button = element("button", { type: "button", title: `Sort by ${column.name}` }, column.name);
      const cell = element("th", { scope: "col", "aria-sort": "none" }, button);
      if (column.numeric) cell.className = "ccm-numeric";
      button.addEventListener("click", () => sort(index));
      head.append(cell);
      return cell;
    });
    const body = element("tbody");
    const table = element("table", {}, element("thead", {}, head), body);
    const spacer = element("div", { class: "ccm-space" });
    const box = element(
      "div",
      { class: "ccm-box", tabindex: "0", role: "region", "aria-label": "Records" },
      table,
      spacer,
    );
    const detail = element("div", { class: "ccm-detail", role: "region", "aria-label": "Row" });
    let chosen = -1; // row whose fields are shown below
    el.classList.add("ccm", "ccm-rows", "ccm-table");
    el.replaceChildren(bar, box, detail);
    box.addEventListener("keydown", byKey); // before the list hears of it

    const visible = () => Math.min(found, VISIBLE);
    const sizes = () => ({ rows: found, visible: visible(), height, last: Math.max(0, found - visible()) });
    const rows = virtualList(box, spacer, sizes, () => paint());

    function resize() {
      rows.resize((table.tHead.offsetHeight || 26) + (box.scrollWidth > box.clientWidth ? 16 : 2));
      table.setAttribute("aria-rowcount", found + 1);
      table.setAttribute("aria-colcount", columns.length + 1 + model.get("hidden"));
      const total = model.get("total");
      const all = counted(total, "row");
      const hidden = model.get("hidden");
      const more = hidden ? `, ${counted(hidden, "more column")}: to_frame() has all` : "";
      count.textContent = (found === total ? all : `${found.toLocaleString("en")} of ${all}`) + more;
    }

    function paint() {
      const from = rows.first();
      const to = Math.min(found, from + visible());
      const lines = [];
      let missing = false;
      for (let number = from; number < to; number++) {
        const { there, row } = pages.row(number);
        if (there) lines.push(line(number, row ?? []));
        else missing = true;
      }
      box.setAttribute("aria-busy", String(missing));
      if (missing) return;
      body.replaceChildren(...lines);
      box.dataset.first = from;
      for (const cell of heads) {
        const width = Math.ceil(cell.getBoundingClientRect().width);
        if (width <= (cell.ccmWidth ?? 0)) continue;
        cell.ccmWidth = width;
        cell.style.minWidth = `${width}px`;
      }
    }

    function line(number, cells) {
      const row = element(
        "tr",
        { "aria-rowindex": number + 2 },
        element("td", { class: "ccm-number" }, String(number + 1)),
      );
      row.classList.toggle("ccm-here", number === chosen);
      row.addEventListener("click", () => choose(number === chosen ? -1 : number));
      cells.forEach(([words, exact, kind], index) => {
        const cell = element("td", {}, kind === "id" ? shortId(words) : words);
        if (columns[index]?.numeric) cell.classList.add("ccm-numeric");
        if (kind === "null") cell.classList.add("ccm-null");
        if (kind !== "id" && (exact || words.length > 30)) cell.title = exact || words;
        row.append(cell);
      });
      return row;
    }

    // Shows all fields of a row below the table; of none for -1.
    function choose(number) {
      chosen = number;
      if (number < 0) detail.replaceChildren();
      else ask("row", { place: number });
      paint();
    }

    function byKey(event) {
      if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey || !found) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter") choose(chosen < 0 ? rows.first() : -1);
      else if (event.key === "Escape" && chosen >= 0) choose(-1);
      else if (step && chosen >= 0) {
        choose(Math.max(0, Math.min(found - 1, chosen + step)));
        if (chosen < rows.first()) rows.go(chosen);
        if (chosen >= rows.first() + visible()) rows.go(chosen - visible() + 1);
      } else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }

    function showDetail({ place, html }) {
      if (place !== chosen) return;
      const close = button("Close", () => {
        choose(-1);
        box.focus();
      });
      close.className = "ccm-plain";
      const head = element(
        "div",
        { class: "ccm-bar" },
        element("b", {}, `Row ${(place + 1).toLocaleString("en")}`),
        close,
      );
      detail.replaceChildren(head, htmlPart(html));
    }

    function restart() {
      ticket += 1;
      chosen = -1;
      detail.replaceChildren();
      pages.clear();
      status.textContent = "";
      pages.ask(rows.first());
    }

    function sort(index) {
      const descending = order?.[0] === index ? (order[1] ? null : true) : false;
      order = descending === null ? null : [index, descending];
      heads.forEach((cell, place) => {
        const here = order?.[0] === place;
        cell.setAttribute("aria-sort", here ? (order[1] ? "descending" : "ascending") : "none");
      });
      restart();
    }

    function receive(answer) {
      if (answer.do === "frame") {
        frame.disabled = false;
        status.textContent = answer.frame ?? answer.problem;
      } else if (answer.do === "row") {
        if (answer.ticket === ticket) showDetail(answer);
      } else if (answer.do === "csv") {
        copy.copied(answer.csv, answer.problem);
      } else if (answer.ticket === ticket) {
        show(answer);
      }
    }

    function show(answer) {
      if (answer.problem) {
        status.textContent = answer.problem;
        return;
      }
      pages.add(answer.start, answer.rows);
      found = answer.found;
      resize();
      paint();
      const real = body.rows[0]?.offsetHeight;
      if (real && real !== height) {
        height = real;
        resize();
      }
    }

    frame.addEventListener("click", () => {
      frame.disabled = true;
      status.textContent = "Making a DataFrame …";
      ask("frame");
    });
    model.on("msg:custom", receive);
    resize();
    paint();
    return () => model.off("msg:custom", receive);
  },
};
