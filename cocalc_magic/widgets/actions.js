// Insert cell and Copy. A cell goes below the one that the buttons are in, through the notebook's own model.

function made(text, title, clicked) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: text, title });
  button.addEventListener("click", clicked);
  return button;
}

export default {
  render({ model, el }) {
    const said = document.createElement("span");
    said.setAttribute("role", "status");

    function insert() {
      const shared = model.widget_manager?.context?.model?.sharedModel;
      if (!shared?.insertCell) {
        said.textContent = "This page has no way to insert a cell: copy it.";
        return;
      }
      const cell = el.closest(".jp-Cell");
      const cells = cell ? [...cell.parentElement.querySelectorAll(":scope > .jp-Cell")] : [];
      const id = cell?.dataset.windowedListIndex;
      const place = id !== undefined ? Number(id) : cells.indexOf(cell);
      const index = place >= 0 ? place + 1 : shared.cells.length;
      shared.insertCell(index, { cell_type: "code", source: model.get("code"), metadata: { trusted: true } });
      said.textContent = "Inserted below.";
    }

    async function copy() {
      try {
        await navigator.clipboard.writeText(model.get("code"));
        said.textContent = "Copied.";
      } catch {
        said.textContent = "The browser does not allow it: select the text above.";
      }
    }

    el.classList.add("ccm-actions");
    el.replaceChildren(
      made("Insert cell", "Put the magic into a new cell below", insert),
      made("Copy", "Copy the magic", copy),
      said,
    );
    const changed = () => (said.textContent = "");
    model.on("change:code", changed);
    return () => model.off("change:code", changed);
  },
};
