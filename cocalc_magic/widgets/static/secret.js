// A password field. Its text goes to the kernel in one message when the field loses focus, and nowhere else.

let fields = 0;

export default {
  render({ model, el }) {
    const id = `ccm-secret-${fields++}`;
    const label = document.createElement("label");
    label.htmlFor = id;
    label.textContent = model.get("label");
    label.title = model.get("meaning");
    const input = document.createElement("input");
    Object.assign(input, { id, type: "password", autocomplete: "off", spellcheck: false, title: model.get("meaning") });
    const showState = () => {
      input.placeholder = model.get("filled") ? "filled in" : "typed here, shown nowhere";
    };
    input.addEventListener("keydown", (event) => event.stopPropagation());
    input.addEventListener("change", () => {
      model.send({ typed: input.value });
      input.value = "";
    });
    model.on("change:filled", showState);
    showState();
    el.classList.add("ccm", "ccm-secret");
    el.replaceChildren(label, input);
    return () => model.off("change:filled", showState);
  },
};
