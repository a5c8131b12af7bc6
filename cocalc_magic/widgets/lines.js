// A text of any length by its lines: only those in sight are in the page, and the kernel is asked for them.

const PAGE = 60; // lines asked for at once
const SEEN = 20;

export default {
  render({ model, el }) {
    const total = model.get("total");
    const colors = model.get("colors");
    const label = model.get("label") || "output";
    let found = total;
    let searched = total;
    let ticket = 0; // of the words that are shown
    let height = 17;
    let wraps = false;

    const search = searchField("Find lines", () => {
      rows.go(0);
      ticket += 1;
      pages.clear();
      pages.ask(0);
    });
    const asked = (what, more = {}) => toKernel(model, count, { do: what, words: search.value, ticket, ...more });
    const pages = pagesOf(PAGE, (start) => asked("lines", { start, count: PAGE }));
    const copy = copier("Copy", "Copy these lines", () => asked("copy"));
    const wrap = made("button", { type: "button", "aria-pressed": "false", title: "Break long lines" }, "Wrap");
    const count = made("span", { role: "status", class: "ccm-count" });
    const name = made("span", { class: "ccm-label" }, model.get("label"));
    const bar = made("div", { class: "ccm-bar" }, search, copy.button, wrap, count);
    if (model.get("label")) bar.prepend(name);

    const text = made("div", { class: "ccm-text" });
    const spacer = made("div", { class: "ccm-space" });
    const named = { tabindex: "0", role: "region", "aria-label": `Lines of ${label}` };
    const box = made("div", { class: "ccm-box", ...named }, text, spacer);
    if (model.get("tone")) box.classList.add(`ccm-${model.get("tone")}`);
    el.classList.add("ccm-rows", "ccm-lines");
    el.replaceChildren(bar, box);

    const seen = () => Math.min(found, SEEN);
    // Where lines are broken fewer are seen at once, so that the last can be the first in sight.
    const last = () => Math.max(0, found - (wraps ? 1 : seen()));
    const rows = rowsOf(box, spacer, () => ({ found, seen: seen(), height, last: last() }), () => paint());

    function sized() {
      rows.sized(16);
      text.style.height = wraps ? `${seen() * height}px` : "";
      const all = counted(total, "line");
      const some = found.toLocaleString("en");
      if (searched < total) count.textContent = `${some} in the first ${searched.toLocaleString("en")} of ${all}`;
      else count.textContent = found === total ? all : `${some} of ${all}`;
    }

    function paint() {
      const from = rows.first();
      const atEnd = wraps && from === last();
      const begin = atEnd ? Math.max(0, found - seen()) : from;
      const lines = [];
      let missing = false;
      for (let number = begin; number < Math.min(found, begin + seen()); number++) {
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
      if (!wraps && width > parseInt(text.style.minWidth || 0)) text.style.minWidth = `${width}px`;
    }

    function line(number, runs, hidden) {
      const words = made("span", { class: "ccm-words" }, ...runs.map(run));
      if (hidden) words.append(made("span", { class: "ccm-more" }, ` … ${counted(hidden, "more character")}`));
      const place = made("span", { class: "ccm-number" }, String(number + 1));
      return made("div", { class: "ccm-line" }, place, words);
    }

    function run([words, color, behind, styles]) {
      if (styles === undefined) return words;
      const element = made("span", {}, words);
      if (color in colors) element.style.color = colors[color];
      if (behind in colors) element.style.background = `${colors[behind]}33`;
      if (styles.includes("b")) element.style.fontWeight = "600";
      if (styles.includes("i")) element.style.fontStyle = "italic";
      if (styles.includes("u")) element.style.textDecoration = "underline";
      return element;
    }

    function answered(answer) {
      if (answer.do === "copy") copy.copied(answer.text, answer.problem);
      else if (answer.ticket === ticket) got(answer);
    }

    function got(answer) {
      if (answer.problem) {
        count.textContent = answer.problem;
        return;
      }
      pages.got(answer.start, answer.lines);
      found = answer.found;
      searched = answer.searched;
      sized();
      paint();
      const real = wraps ? 0 : text.firstChild?.offsetHeight;
      if (real && real !== height) {
        height = real;
        sized();
      }
    }

    wrap.addEventListener("click", () => {
      wraps = !wraps;
      wrap.setAttribute("aria-pressed", String(wraps));
      box.classList.toggle("ccm-wraps", wraps);
      text.style.minWidth = "";
      sized();
      rows.go(rows.first());
    });
    model.on("msg:custom", answered);
    sized();
    paint();
    return () => model.off("msg:custom", answered);
  },
};
