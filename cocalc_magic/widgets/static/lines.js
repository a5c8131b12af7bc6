// A text of any length by its lines: only visible lines are in the page, requested from the kernel.

import { element } from "./element.js";
import { rowPages, sendToKernel } from "./row_source.js";
import { copyButton, counted, searchField } from "./toolbar.js";
import { virtualList } from "./virtual_list.js";

const PAGE = 60; // lines per request
const VISIBLE = 20;

export default {
  render({ model, el }) {
    const total = model.get("total");
    const colors = model.get("colors");
    const label = model.get("label") || "output";
    let found = total;
    let searched = total;
    let ticket = 0; // number of the current search
    let height = 17;
    let wraps = false;

    const search = searchField("Find lines", () => {
      rows.go(0);
      ticket += 1;
      pages.clear();
      pages.ask(0);
    });
    const ask = (what, more = {}) => sendToKernel(model, count, { do: what, words: search.value, ticket, ...more });
    const pages = rowPages(PAGE, (start) => ask("lines", { start, count: PAGE }));
    const copy = copyButton("Copy", "Copy these lines", () => ask("copy"));
    const wrap = element("button", { type: "button", "aria-pressed": "false", title: "Break long lines" }, "Wrap");
    const count = element("span", { role: "status", class: "ccm-count" });
    const name = element("span", { class: "ccm-label" }, model.get("label"));
    const bar = element("div", { class: "ccm-bar" }, search, copy.button, wrap, count);
    if (model.get("label")) bar.prepend(name);

    const text = element("div", { class: "ccm-text" });
    const spacer = element("div", { class: "ccm-space" });
    const named = { tabindex: "0", role: "region", "aria-label": `Lines of ${label}` };
    const box = element("div", { class: "ccm-box", ...named }, text, spacer);
    if (model.get("tone")) box.classList.add(`ccm-${model.get("tone")}`);
    el.classList.add("ccm", "ccm-rows", "ccm-lines");
    el.replaceChildren(bar, box);

    const visible = () => Math.min(found, VISIBLE);
    // With broken lines fewer fit, so that even the last can be the first visible one.
    const last = () => Math.max(0, found - (wraps ? 1 : visible()));
    const sizes = () => ({ rows: found, visible: visible(), height, last: last() });
    const rows = virtualList(box, spacer, sizes, () => paint());

    function resize() {
      rows.resize(16);
      text.style.height = wraps ? `${visible() * height}px` : "";
      const all = counted(total, "line");
      const some = found.toLocaleString("en");
      if (searched < total) count.textContent = `${some} in the first ${searched.toLocaleString("en")} of ${all}`;
      else count.textContent = found === total ? all : `${some} of ${all}`;
    }

    function paint() {
      const from = rows.first();
      const atEnd = wraps && from === last();
      const begin = atEnd ? Math.max(0, found - visible()) : from;
      const lines = [];
      let missing = false;
      for (let number = begin; number < Math.min(found, begin + visible()); number++) {
        const { there, row } = pages.row(number);
        if (row) lines.push(line(...row));
        missing ||= !there;
      }
      box.setAttribute("aria-busy", String(missing));
      if (missing) return;
      text.classList.toggle("ccm-end", atEnd);
      text.replaceChildren(...lines);
      box.dataset.first = from;
      const width = Math.ceil(text.getBoundingClientRect().width);
      if (!wraps && width > Number.parseInt(text.style.minWidth || 0, 10)) text.style.minWidth = `${width}px`;
    }

    function line(number, runs, hidden) {
      const words = element("span", { class: "ccm-words" }, ...runs.map(run));
      if (hidden) words.append(element("span", { class: "ccm-more" }, ` … ${counted(hidden, "more character")}`));
      const place = element("span", { class: "ccm-number" }, String(number + 1));
      return element("div", { class: "ccm-line" }, place, words);
    }

    function run([words, color, behind, styles]) {
      if (styles === undefined) return words;
      const piece = element("span", {}, words);
      if (color in colors) piece.style.color = colors[color];
      if (behind in colors) piece.style.background = `${colors[behind]}33`;
      if (styles.includes("b")) piece.style.fontWeight = "600";
      if (styles.includes("i")) piece.style.fontStyle = "italic";
      if (styles.includes("u")) piece.style.textDecoration = "underline";
      return piece;
    }

    function receive(answer) {
      if (answer.do === "copy") copy.copied(answer.text, answer.problem);
      else if (answer.ticket === ticket) show(answer);
    }

    function show(answer) {
      if (answer.problem) {
        count.textContent = answer.problem;
        return;
      }
      pages.add(answer.start, answer.lines);
      found = answer.found;
      searched = answer.searched;
      resize();
      paint();
      const real = wraps ? 0 : text.firstChild?.offsetHeight;
      if (real && real !== height) {
        height = real;
        resize();
      }
    }

    wrap.addEventListener("click", () => {
      wraps = !wraps;
      wrap.setAttribute("aria-pressed", String(wraps));
      box.classList.toggle("ccm-wraps", wraps);
      text.style.minWidth = "";
      resize();
      rows.go(rows.first());
    });
    model.on("msg:custom", receive);
    resize();
    paint();
    return () => model.off("msg:custom", receive);
  },
};
