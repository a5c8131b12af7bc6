// The messages by subject, and a search in which arrows choose and Enter opens.

import { element } from "./element.js";
import { searchField } from "./toolbar.js";

const PAUSE = 150; // ms after the last arrow key in the list

let lists = 0;

export default {
  render({ model, el }) {
    const id = `ccm-events-${lists++}`;
    const search = searchField("Search messages", () => {
      model.set("words", search.value);
      model.save_changes();
    });
    const list = element("div", { role: "listbox", tabindex: "0", id, "aria-label": "Messages" });
    const remark = element("div", { class: "ccm-muted", role: "status" });
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": id }))
      search.setAttribute(name, value);
    let cursor = null; // the option that arrow keys have come to
    let due = 0;
    let waiting = false; // for the list of the words that Enter was pressed behind

    function option({ event, mark, note, summary }, number) {
      const name = element("span", { class: "ccm-event" }, event);
      const node = element("div", { role: "option", id: `${id}-${number}`, title: summary }, name);
      node.dataset.event = event;
      if (mark) node.append(" ", element("span", { class: "ccm-chip" }, mark));
      if (note) node.append(element("div", { class: "ccm-why" }, note));
      return node;
    }

    function group({ label, entries }, place, groups) {
      const before = groups.slice(0, place).reduce((sum, other) => sum + other.entries.length, 0);
      const head = element("div", { class: "ccm-subject", id: `${id}-g${place}` }, label, " ");
      head.append(element("span", { class: "ccm-number" }, String(entries.length)));
      const options = entries.map((entry, number) => option(entry, before + number));
      return element("div", { role: "group", "aria-labelledby": head.id }, head, ...options);
    }

    const options = () => [...list.querySelectorAll("[role=option]")];
    const named = (event) => options().find((node) => node.dataset.event === event);

    // Scrolls the list alone: the page stays where it is.
    function intoView(node) {
      const top = node.offsetTop - list.offsetTop;
      const seen = top >= list.scrollTop + 28 && top + node.offsetHeight <= list.scrollTop + list.clientHeight;
      if (!seen) list.scrollTop = top - list.clientHeight / 3;
    }

    function point(node) {
      cursor?.classList.remove("ccm-cursor");
      cursor = node ?? null;
      cursor?.classList.add("ccm-cursor");
      for (const one of [search, list]) {
        if (cursor) one.setAttribute("aria-activedescendant", cursor.id);
        else one.removeAttribute("aria-activedescendant");
      }
      if (cursor) intoView(cursor);
    }

    function choose() {
      const chosen = named(model.get("value"));
      for (const node of options()) node.setAttribute("aria-selected", String(node === chosen));
      point(chosen ?? options()[0]);
    }

    function open(node) {
      clearTimeout(due);
      if (!node) return;
      model.set("value", node.dataset.event);
      model.save_changes();
      choose();
    }

    function step(key) {
      const all = options();
      const at = all.indexOf(cursor);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
      if (to !== undefined) point(all[Math.max(0, Math.min(all.length - 1, to))]);
      return to !== undefined;
    }

    search.addEventListener("keydown", (event) => {
      waiting = event.key === "Enter" && model.get("listed") !== search.value;
      if (event.key === "Enter") waiting || open(cursor);
      else if (!event.key.startsWith("Arrow") || !step(event.key)) return;
      event.preventDefault();
    });
    list.addEventListener("keydown", (event) => {
      const plain = !(event.ctrlKey || event.metaKey || event.altKey);
      if (event.key === "Enter") open(cursor);
      else if (step(event.key)) {
        clearTimeout(due);
        due = setTimeout(() => open(cursor), PAUSE);
      } else {
        if (plain && event.key.length === 1 && event.key !== " ") search.focus(); // and what is typed goes there
        return;
      }
      event.preventDefault();
    });
    list.addEventListener("click", (event) => open(event.target.closest("[role=option]")));

    function fill() {
      list.replaceChildren(...model.get("groups").map(group));
      const count = options().length;
      remark.textContent = `${count} message${count === 1 ? "" : "s"}. ${model.get("remark")}`;
      choose();
    }

    function listed() {
      if (!waiting || model.get("listed") !== search.value) return;
      waiting = false;
      fill();
      open(options()[0]);
    }

    function words() {
      if (document.activeElement !== search) search.value = model.get("words");
    }

    el.classList.add("ccm", "ccm-events");
    el.replaceChildren(search, list, remark);
    model.on("change:groups change:remark", fill);
    model.on("change:listed", listed);
    model.on("change:value", choose);
    model.on("change:words", words);
    words();
    fill();
    // Where it stands is known once it has a size.
    const watch = new ResizeObserver(() => cursor && list.clientHeight && intoView(cursor));
    watch.observe(list);
    return () => {
      clearTimeout(due);
      watch.disconnect();
      model.off("change:groups change:remark", fill);
      model.off("change:listed", listed);
      model.off("change:value", choose);
      model.off("change:words", words);
    };
  },
};
