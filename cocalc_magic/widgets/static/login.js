// The form that takes a key. The key leaves its field at once, and the page in one message.

import { element } from "./element.js";

const OTHER = "another address …";

let forms = 0;

export default {
  render({ model, el }) {
    const id = `ccm-login-${forms++}`;
    const server = element("select", { id: `${id}-server` });
    const address = element("input", {
      id: `${id}-address`,
      type: "text",
      inputmode: "url",
      placeholder: "https://cocalc.example.edu",
      autocomplete: "off",
      spellcheck: "false",
    });
    const key = element("input", {
      id: `${id}-key`,
      type: "password",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      placeholder: "sk-…",
      "aria-describedby": `${id}-hint`,
    });
    const link = element("a", { target: "_blank", rel: "noopener noreferrer" });
    const boxes = element("span", {});
    const hint = element(
      "div",
      { id: `${id}-hint`, class: "ccm-hint" },
      "The key, or the address ",
      element("span", { class: "ccm-address" }, "https://authenticated/?api_key=…"),
      " that CoCalc hands over. ",
      link,
      boxes,
    );
    const test = element("button", { type: "button", class: "ccm-first" }, "Test and use");
    const save = element("button", { type: "button" }, `Save to ${model.get("place")}`);
    const forget = element("button", { type: "button", title: "In this kernel, and where it is saved" }, "Forget");
    const signIn = element(
      "button",
      { type: "button", title: "You approve it in a browser; cocalc.ai and servers of its kind have it" },
      "Sign in on its page",
    );
    const page = element("a", { target: "_blank", rel: "noopener noreferrer" }, "Open the page, and approve there");
    const stop = element("button", { type: "button" }, "Stop");
    const status = element("div", { class: "ccm-status", role: "status", "aria-live": "polite" });
    const where = element("label", { for: `${id}-address` }, "Address");
    const form = element(
      "div", // not a form, so that no browser offers to save what is typed
      {
        class: "ccm ccm-panel ccm-login",
        role: "form",
        "aria-label": "The key of a CoCalc server",
      },
      element("label", { for: `${id}-server` }, "Server"),
      server,
      where,
      address,
      element("label", { for: `${id}-key` }, "Key"),
      key,
      hint,
      element("div", { class: "ccm-buttons" }, test, save, forget),
      element("span", {}, "No key?"),
      element("div", { class: "ccm-buttons" }, signIn, page, stop),
      status,
    );

    const other = () => server.value === OTHER;
    const chosen = () => (other() ? address.value.trim() : server.value);

    function url() {
      if (!other()) return model.get("servers").find(({ name }) => name === server.value)?.url ?? "";
      const text = address.value.trim().replace(/\/+$/, "");
      return !text || /^https?:\/\//i.test(text) ? text : `https://${text}`;
    }

    function choose() {
      where.hidden = address.hidden = !other();
      link.hidden = !/^https?:/i.test(url());
      if (link.hidden) return;
      const keys = other() ? "" : model.get("servers").find(({ name }) => name === server.value)?.keys;
      link.href = keys || `${url()}/app?get_api_key=${encodeURIComponent(model.get("app_name"))}`;
      link.textContent = keys
        ? "Make one in your settings there."
        : "Ask this server for one (older servers offer it).";
      boxes.textContent = keys ? ` ${model.get("boxes")}` : "";
    }

    function fill() {
      server.replaceChildren(
        ...model
          .get("servers")
          .map(({ name, url }) => element("option", { value: name }, url.includes(name) ? name : `${name} (${url})`)),
        element("option", { value: OTHER }, OTHER),
      );
      const first = model.get("server");
      const known = model.get("servers").some(({ name }) => name === first);
      server.value = known || !first ? first || server.options[0].value : OTHER;
      if (other()) address.value = first;
      choose();
    }

    function showStatus() {
      const busy = model.get("tone") === "busy";
      for (const button of [test, save, forget, signIn]) button.disabled = busy;
      status.textContent = model.get("status");
      status.dataset.tone = model.get("tone");
    }

    function showPage() {
      const address = model.get("page");
      page.hidden = stop.hidden = !/^https?:/i.test(address);
      signIn.hidden = !page.hidden;
      page.href = page.hidden ? "" : address;
      page.title = address;
    }

    function ask(what) {
      const text = key.value;
      key.value = "";
      model.send(what === "forget" ? { do: what, server: chosen() } : { do: what, server: chosen(), key: text });
    }

    server.addEventListener("change", choose);
    address.addEventListener("input", choose);
    for (const field of [address, key]) {
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.isComposing || test.disabled) return;
        event.preventDefault();
        ask("test");
      });
    }
    test.addEventListener("click", () => ask("test"));
    save.addEventListener("click", () => ask("save"));
    forget.addEventListener("click", () => ask("forget"));
    model.on("change:servers change:server", fill);
    signIn.addEventListener("click", () => model.send({ do: "sign-in", server: chosen() }));
    stop.addEventListener("click", () => model.send({ do: "stop" }));
    model.on("change:status change:tone", showStatus);
    model.on("change:page", showPage);
    showPage();
    fill();
    showStatus();
    el.append(form);
    return () => {
      key.value = "";
      model.off("change:servers change:server", fill);
      model.off("change:status change:tone", showStatus);
      model.off("change:page", showPage);
    };
  },
};
