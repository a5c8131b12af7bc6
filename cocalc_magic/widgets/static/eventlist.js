// The messages by subject: a native list, in which arrow keys and letters move.

export default {
  render({ model, el }) {
    const list = document.createElement("select");
    list.size = 18;
    list.setAttribute("aria-label", model.get("meaning"));

    function option({ event, mark, summary }) {
      const node = document.createElement("option");
      Object.assign(node, { value: event, title: summary });
      node.textContent = mark ? `${event} · ${mark}` : event;
      node.classList.toggle("ccm-marked", Boolean(mark));
      return node;
    }

    function fill() {
      list.replaceChildren(
        ...model.get("groups").map(({ label, entries }) => {
          const group = document.createElement("optgroup");
          group.label = label;
          group.append(...entries.map(option));
          return group;
        }),
      );
      choose();
    }

    function choose() {
      list.value = model.get("value");
      list.selectedOptions[0]?.scrollIntoView?.({ block: "nearest" });
    }

    function changed() {
      model.set("value", list.value);
      model.save_changes();
    }

    list.addEventListener("change", changed);
    el.classList.add("ccm", "ccm-events");
    el.replaceChildren(list);
    model.on("change:groups", fill);
    model.on("change:value", choose);
    fill();
    return () => {
      model.off("change:groups", fill);
      model.off("change:value", choose);
    };
  },
};
