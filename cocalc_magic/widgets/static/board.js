// A board: rows by steps, repainted where they change; a filter; the last messages of a row by a click.

import { button, element } from "./element.js";
import { counted, searchField } from "./toolbar.js";

export default {
  render({ model, el }) {
    const steps = model.get("steps");
    const noun = model.get("noun");
    const lines = []; // per row: its element, its cells, what is painted
    let chosen = -1;
    let due = 0;

    const search = searchField("Filter", filter);
    const count = element("span", { role: "status", class: "ccm-count" });
    const heads = steps.map(() => element("span", { class: "ccm-muted" }));
    const columns = steps.map((step, place) => element("th", { scope: "col" }, step, element("br"), heads[place]));
    const head = element("tr", {}, element("th", { scope: "col" }, noun), ...columns);
    const body = element("tbody");
    const named = { tabindex: "0", role: "region", "aria-label": `Board of ${noun}s` };
    const table = element("table", {}, element("thead", {}, head), body);
    const box = element("div", { class: "ccm-box", ...named }, table);
    const detail = element("div", { class: "ccm-detail", role: "region", "aria-label": "Last messages" });
    el.classList.add("ccm", "ccm-rows", "ccm-table", "ccm-board");
    el.replaceChildren(element("div", { class: "ccm-bar" }, search, count), box, detail);

    const rowAt = (place) => model.get("changes")[place] ?? model.get("rows")[place];
    const words = ([, name, cells]) => [name, ...cells.map(([word]) => word)].join(" ").toLowerCase();

    function line(place) {
      const cells = steps.map(() => element("td", {}, element("span")));
      const name = element("th", { scope: "row" });
      const row = element("tr", {}, name, ...cells);
      row.addEventListener("click", () => choose(place === chosen ? -1 : place));
      body.append(row);
      return { row, name, cells, version: -1, words: "" };
    }

    function patch(place) {
      const now = rowAt(place);
      lines[place] ??= line(place);
      const painted = lines[place];
      if (painted.version === now[0]) return false;
      painted.version = now[0];
      painted.words = words(now);
      painted.name.textContent = now[1];
      now[2].forEach(([word, tone], step) => {
        const chip = painted.cells[step].firstChild;
        if (chip.textContent === word && (chip.dataset.tone ?? "") === tone) return;
        chip.className = tone ? "ccm-chip" : "ccm-muted";
        chip.dataset.tone = tone;
        chip.textContent = word;
      });
      return true;
    }

    function paint() {
      due = 0;
      let changed = false;
      for (let place = 0; place < model.get("rows").length; place++) changed = patch(place) || changed;
      if (!changed) return;
      heads.forEach((place, step) => {
        const cells = model.get("rows").map((_, row) => rowAt(row)[2][step]);
        const good = cells.filter(([, tone]) => tone === "good").length;
        place.textContent = `${good.toLocaleString("en")}/${cells.filter(([word]) => word).length.toLocaleString("en")}`;
      });
      filter();
      if (chosen >= 0) showDetail();
    }

    function filter() {
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { row, words } of lines) {
        const hidden = !wanted.every((word) => words.includes(word));
        if (row.hidden !== hidden) row.hidden = hidden;
        shown += !hidden;
      }
      const all = counted(lines.length, noun);
      const text = shown === lines.length ? all : `${shown.toLocaleString("en")} of ${all}`;
      if (count.textContent !== text) count.textContent = text;
    }

    // Shows the messages of a row below the board; of none for -1.
    function choose(place) {
      lines[chosen]?.row.classList.remove("ccm-here");
      chosen = place;
      lines[chosen]?.row.classList.add("ccm-here");
      showDetail();
    }

    function showDetail() {
      if (chosen < 0) {
        detail.replaceChildren();
        return;
      }
      const [, name, , messages] = rowAt(chosen);
      const close = button("Close", () => {
        choose(-1);
        box.focus();
      });
      close.className = "ccm-plain";
      const none = element("div", { class: "ccm-empty" }, "Nothing was sent yet.");
      const list = messages.map((message) => element("div", { class: "ccm-status" }, message));
      const bar = element("div", { class: "ccm-bar" }, element("b", {}, name), close);
      detail.replaceChildren(bar, ...(list.length ? list : [none]));
    }

    function step(by) {
      const shown = lines.map((_, place) => place).filter((place) => !lines[place].row.hidden);
      const next = shown[Math.max(0, Math.min(shown.length - 1, shown.indexOf(chosen) + by))];
      if (next === undefined) return;
      choose(next);
      lines[next].row.scrollIntoView({ block: "nearest" });
    }

    box.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter") chosen < 0 ? step(1) : choose(-1);
      else if (event.key === "Escape" && chosen >= 0) choose(-1);
      else if (by && chosen >= 0) step(by);
      else return;
      event.preventDefault();
    });
    const changed = () => {
      due ||= requestAnimationFrame(paint);
    };
    model.on("change:rows change:changes", changed);
    paint();
    if (!lines.length) filter();
    return () => {
      cancelAnimationFrame(due);
      model.off("change:rows change:changes", changed);
    };
  },
};
