// A table of any number of rows: only those in sight are in the page, and the kernel is asked for them.

const PAGE = 100; // rows asked for at once
const SEEN = 14;
const COPY = "Copy these rows as CSV; texts that a spreadsheet would compute get a ' in front, with Shift they do not";

export default {
  render({ model, el }) {
    const columns = model.get("columns");
    let found = model.get("total");
    let ticket = 0; // of the order and filter that are shown
    let order = null;
    let height = 24;

    const search = searchField("Filter rows", () => {
      rows.go(0);
      anew();
    });
    const asked = (what, more = {}) =>
      toKernel(model, said, { do: what, order, words: search.value, ticket, ...more });
    const pages = pagesOf(PAGE, (start) => asked("rows", { start, count: PAGE }));
    const copy = copier("Copy CSV", COPY, (event) => asked("csv", { raw: event.shiftKey }));
    const frame = made("button", { type: "button", title: "Make a pandas DataFrame of these rows" }, "DataFrame");
    const count = made("span", { role: "status", class: "ccm-count" });
    const said = made("span", { role: "status", class: "ccm-said" });
    const bar = made("div", { class: "ccm-bar" }, search, copy.button);
    if (model.get("frames")) bar.append(frame);
    bar.append(count, said);

    const head = made("tr", { "aria-rowindex": "1" }, made("th", { class: "ccm-number", scope: "col" }, "#"));
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
    const spacer = made("div", { class: "ccm-space" });
    const box = made("div", { class: "ccm-box", tabindex: "0", role: "region", "aria-label": "Records" }, table, spacer);
    el.classList.add("ccm-rows", "ccm-table");
    el.replaceChildren(bar, box);

    const seen = () => Math.min(found, SEEN);
    const sizes = () => ({ found, seen: seen(), height, last: Math.max(0, found - seen()) });
    const rows = rowsOf(box, spacer, sizes, () => paint());

    function sized() {
      rows.sized((table.tHead.offsetHeight || 26) + 14);
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
      const to = Math.min(found, from + seen());
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
        if (width > (cell.ccmWidth ?? 0)) cell.style.minWidth = `${(cell.ccmWidth = width)}px`;
      }
    }

    function line(number, cells) {
      const row = made("tr", { "aria-rowindex": number + 2 }, made("td", { class: "ccm-number" }, String(number + 1)));
      cells.forEach(([words, exact, kind], index) => {
        const cell = made("td", {}, words);
        if (columns[index]?.numeric) cell.classList.add("ccm-numeric");
        if (kind) cell.classList.add("ccm-null");
        if (exact || words.length > 30) cell.title = exact || words;
        row.append(cell);
      });
      return row;
    }

    function anew() {
      ticket += 1;
      pages.clear();
      said.textContent = "";
      pages.ask(rows.first());
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

    function answered(answer) {
      if (answer.do === "frame") {
        frame.disabled = false;
        said.textContent = answer.frame ?? answer.problem;
      } else if (answer.do === "csv") {
        copy.copied(answer.csv, answer.problem);
      } else if (answer.ticket === ticket) {
        got(answer);
      }
    }

    function got(answer) {
      if (answer.problem) {
        said.textContent = answer.problem;
        return;
      }
      pages.got(answer.start, answer.rows);
      found = answer.found;
      sized();
      paint();
      const real = body.rows[0]?.offsetHeight;
      if (real && real !== height) {
        height = real;
        sized();
      }
    }

    frame.addEventListener("click", () => {
      frame.disabled = true;
      said.textContent = "Making a DataFrame …";
      asked("frame");
    });
    model.on("msg:custom", answered);
    sized();
    paint();
    return () => model.off("msg:custom", answered);
  },
};
