// Insert cell and Copy. A cell goes below the one that the buttons are in, through the notebook's own model.

import { button, element } from "./element.js";

export default {
  render({ model, el }) {
    const status = element("span", { role: "status" });

    function insert() {
      const shared = model.widget_manager?.context?.model?.sharedModel;
      if (!shared?.insertCell) {
        status.textContent = "This page cannot insert a cell: copy it.";
        return;
      }
      const cell = el.closest(".jp-Cell");
      const cells = cell ? [...cell.parentElement.querySelectorAll(":scope > .jp-Cell")] : [];
      const id = cell?.dataset.windowedListIndex;
      const place = id !== undefined ? Number(id) : cells.indexOf(cell);
      const index = place >= 0 ? place + 1 : shared.cells.length;
      shared.insertCell(index, { cell_type: "code", source: model.get("code"), metadata: { trusted: true } });
      status.textContent = "Inserted below.";
    }

    async function copy() {
      try {
        await navigator.clipboard.writeText(model.get("code"));
        status.textContent = "Copied.";
      } catch {
        status.textContent = "The browser does not allow it: select the text above.";
      }
    }

    el.classList.add("ccm", "ccm-actions");
    el.replaceChildren(
      button("Insert cell", insert, { title: "Put the magic into a new cell below" }),
      button("Copy", copy, { title: "Copy the magic" }),
      status,
    );
    const clear = () => {
      status.textContent = "";
    };
    model.on("change:code", clear);
    return () => model.off("change:code", clear);
  },
};
