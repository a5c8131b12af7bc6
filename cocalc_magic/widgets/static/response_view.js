// One response in a frame: its heading, tabs whose content is requested when one is opened, Again, and what came
// of it below.

import { button, element } from "./element.js";
import { htmlPart, mount, showParts, useSheet } from "./parts.js";
import { sendToKernel } from "./row_source.js";
import { copyButton } from "./toolbar.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

let views = 0;

export default {
  render({ model, el }) {
    useSheet(model);
    const id = `ccm-response-${views++}`;
    const titles = model.get("titles");
    const status = element("span", { role: "status", class: "ccm-muted" });
    const ask = (what, name) => sendToKernel(model, status, { do: what, name });
    const panels = titles.map((title, place) =>
      element("div", { class: "ccm-panel", role: "tabpanel", id: `${id}-${place}`, "aria-label": title }),
    );
    const tabs = titles.map((title, place) => {
      const tab = button(title, () => open(place), { role: "tab", "aria-controls": `${id}-${place}` });
      tab.className = "ccm-tab";
      return tab;
    });
    const list = element("div", { class: "ccm-tabs", role: "tablist", "aria-label": "Views of the response" }, ...tabs);
    const title = element("div", { class: "ccm-title" }, htmlPart(model.get("heading")));
    const side = element("div", { class: "ccm-right" }, list);
    const head = element("div", { class: "ccm-head" }, title, side);
    if (model.get("can_send")) {
      const again = button("Again", () => ask("again", ""), { title: "Send this message once more" });
      again.className = "ccm-plain ccm-again";
      side.append(again);
    }
    const below = element("div", { class: "ccm-below" });
    const frame = element("div", { class: "ccm-frame" }, head, status, ...panels);
    el.classList.add("ccm", "cocalc-magic", "ccm-response");
    el.replaceChildren(frame, below);
    const endParts = showParts(model, panels[0]);
    const copy = copyButton("Copy", "Copy all of it as JSON", () => ask("copy", "JSON"));
    copy.button.className = "ccm-plain";

    function open(chosen) {
      panels.forEach((panel, place) => {
        const here = place === chosen;
        panel.hidden = !here;
        tabs[place].setAttribute("aria-selected", String(here));
        tabs[place].tabIndex = here ? 0 : -1;
        if (here && !panel.firstChild) {
          panel.setAttribute("aria-busy", "true");
          ask("tab", titles[place]);
        }
      });
    }

    function receive(answer) {
      if (answer.do === "copy") copy.copied(answer.text, answer.problem);
      else if (answer.do === "tab") fill(answer);
      else if (answer.problem) status.textContent = answer.problem;
    }

    function fill({ name, html, problem }) {
      const panel = panels[titles.indexOf(name === "Tree" ? "JSON" : name)];
      if (!panel) return;
      panel.removeAttribute("aria-busy");
      if (problem) status.textContent = problem;
      else panel.replaceChildren(...(/^(JSON|Tree)$/.test(name) ? [choice(name)] : []), htmlPart(html));
    }

    // JSON as text or as a tree, whichever is not shown yet.
    function choice(shown) {
      const other = shown === "Tree" ? "JSON" : "Tree";
      const turn = button(other === "Tree" ? "As a tree" : "As text", () => ask("tab", other));
      turn.className = "ccm-plain";
      return element("div", { class: "ccm-bar" }, copy.button, turn);
    }

    async function showBelow() {
      for (const reference of model.get("below")) await mount(model, reference, below);
    }

    list.addEventListener("keydown", (event) => {
      const place = tabs.indexOf(event.target);
      if (place < 0 || !(event.key in STEPS)) return;
      event.preventDefault();
      const next = (place + STEPS[event.key] + tabs.length) % tabs.length;
      open(next);
      tabs[next].focus();
    });
    model.on("msg:custom", receive);
    model.on("change:below", showBelow);
    open(0);
    showBelow();
    return () => {
      model.off("msg:custom", receive);
      model.off("change:below", showBelow);
      endParts();
    };
  },
};
