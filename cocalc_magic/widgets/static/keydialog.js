// The key dialog. The text of a new key comes once, combined with random bytes that this page made, and is in
// this page only: never in the state, and gone when the page is. A password leaves its field at once, and the
// page in one message.

import { button, element } from "./element.js";
import { newPad, uncovered } from "./pad.js";

const HEADS = ["Name", "Id", "Key", "Last used", "Expires", ""];

function moment(text) {
  const time = /T/.test(text) ? new Date(text) : null;
  if (!time || Number.isNaN(time.getTime())) return text || "never";
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

// Returns a button that asks at the first click and calls `act` at the second.
function careful(text, act, question, whose = "") {
  const setLabel = (words) => whose && node.setAttribute("aria-label", `${words} ${whose}`);
  const node = button(text, () => {
    if (node.dataset.sure) {
      reset();
      act();
      return;
    }
    node.dataset.sure = "1";
    node.classList.add("ccm-danger");
    node.textContent = question;
    setLabel(question);
  });
  const reset = () => {
    delete node.dataset.sure;
    node.classList.remove("ccm-danger");
    node.textContent = text;
    setLabel(text);
  };
  setLabel(text);
  node.addEventListener("blur", reset);
  return node;
}

let dialogs = 0;

export default {
  render({ model, el }) {
    const id = `ccm-keys-${dialogs++}`;
    let pad = null; // of this page's last request
    let copying = false;
    let editing = 0; // id of the key that is being edited

    const title = element("div", { class: "ccm-title", id: `${id}-title` });
    const body = element("tbody");
    const table = element(
      "table",
      { "aria-labelledby": `${id}-title` },
      element("thead", {}, element("tr", {}, ...HEADS.map((head) => element("th", { scope: "col" }, head)))),
      body,
    );
    const empty = element("div", {}, "There are no keys yet.");
    const name = element("input", { id: `${id}-name`, type: "text", maxlength: "128", autocomplete: "off" });
    const days = element("input", { id: `${id}-days`, type: "number", min: "1", max: "36500", placeholder: "never" });
    const create = button("Create", () => ask({ do: "create", name: name.value, days: days.value }), {
      class: "ccm-first",
    });
    const refresh = button("Refresh", () => ask({ do: "refresh" }));
    const maker = element(
      "div",
      { class: "ccm-row", role: "group", "aria-label": "A new key" },
      element("label", { for: name.id }, "Name"),
      name,
      element("label", { for: days.id }, "Expires in days"),
      days,
      create,
      refresh,
    );
    const password = element("input", {
      id: `${id}-password`,
      type: "password",
      autocomplete: "off",
      spellcheck: "false",
    });
    const reveal = button("Reveal", () => change("reveal"), { class: "ccm-first" });
    const lost = "The present key is deleted.";
    const changer = element(
      "div",
      { class: "ccm-row", role: "group", "aria-label": "The key of the account" },
      element("label", { for: password.id }, "Password of your account"),
      password,
      reveal,
      button("Create", () => change("create")),
      careful("Regenerate", () => change("regenerate"), `${lost} Regenerate it?`),
      careful("Delete", () => change("delete"), `${lost} Delete it?`),
    );
    const about = element("div");
    const text = element("output", { tabindex: "0", "aria-label": "The new key" });
    const show = button("Show", () => want(false));
    const copy = button("Copy", () => (text.textContent ? put() : want(true)));
    const hide = button("Hide", () => {
      text.textContent = "";
      showNewKey();
    });
    const saves = element("span", { class: "ccm-row" });
    const panel = element(
      "div",
      { class: "ccm-new", role: "group", "aria-label": "The text of the new key" },
      about,
      text,
      element("div", { class: "ccm-row" }, show, copy, hide, saves),
    );
    const status = element("div", { class: "ccm-status", role: "status", "aria-live": "polite" });
    const dialog = element(
      "div",
      { class: "ccm ccm-panel ccm-keys", role: "form", "aria-labelledby": `${id}-title` },
      title,
      element("div", { class: "ccm-scroll" }, table),
      empty,
      panel,
      maker,
      changer,
      status,
    );

    function ask(what) {
      if (model.get("tone") !== "busy") model.send(what);
    }

    function change(what) {
      const text = password.value;
      if (!text) password.focus();
      password.value = "";
      ask({ do: what, password: text });
    }

    function want(toCopy) {
      pad = newPad();
      copying = toCopy;
      ask({ do: "show", pad: [...pad] });
    }

    function shown({ shown }) {
      if (!Array.isArray(shown) || !pad) return; // requested by another page of this kernel
      text.textContent = uncovered(shown, pad);
      pad = null;
      if (copying) put();
      showNewKey();
      text.focus();
    }

    function put() {
      const done = () => {
        copy.textContent = "Copied";
        setTimeout(() => (copy.textContent = "Copy"), 2000);
      };
      const chosen = () => {
        getSelection().selectAllChildren(text); // for Ctrl+C, if the page may not copy by itself
      };
      if (navigator.clipboard) navigator.clipboard.writeText(text.textContent).then(done, chosen);
      else chosen();
    }

    function showNewKey() {
      const key = model.get("new_key");
      const there = key.trunc !== undefined;
      panel.hidden = !there && !text.textContent;
      show.hidden = !there;
      copy.hidden = !there && !text.textContent;
      hide.hidden = !text.textContent;
      about.textContent = there
        ? `The text of the key “${key.name}” (${key.trunc}) is shown once:`
        : "Copy it now; it is gone when this page is closed.";
      saves.replaceChildren(
        ...(there ? model.get("places") : []).map((place) =>
          button(`Save to ${place}`, () => ask({ do: "save", place })),
        ),
      );
    }

    function newKeyChanged() {
      if (model.get("new_key").trunc !== undefined) text.textContent = ""; // the text of an earlier key
      showNewKey();
    }

    function edited(row) {
      const title = element("input", { type: "text", maxlength: "128", "aria-label": "Name" });
      const life = element("input", {
        type: "number",
        min: "0",
        max: "36500",
        placeholder: "as it is",
        "aria-label": "Expires in days, 0 for never",
        title: "Days from now; 0 for never; empty for no change",
      });
      title.value = row.name;
      const end = () => {
        editing = 0;
        list();
        body.querySelector(`[data-edit="${row.number}"]`)?.focus();
      };
      const save = () => {
        const days = life.value === "" ? null : life.value === "0" ? "" : life.value;
        editing = 0;
        ask({ do: "edit", id: row.number, name: title.value, days });
      };
      for (const field of [title, life]) {
        field.addEventListener("keydown", (event) => {
          if (event.isComposing) return;
          if (event.key === "Enter") save();
          if (event.key === "Escape") end();
        });
      }
      return element(
        "tr",
        {},
        element("td", {}, title),
        element("td", {}, String(row.number)),
        element("td", {}, element("code", {}, row.trunc)),
        element("td", {}, moment(row.last_used)),
        element("td", {}, life),
        element("td", {}, element("div", { class: "ccm-row" }, button("Save", save), button("Cancel", end))),
      );
    }

    function listed(row) {
      const edit = button(
        "Edit",
        () => {
          editing = row.number;
          list();
          body.querySelector("input")?.focus();
        },
        { "aria-label": `Edit ${row.name}`, "data-edit": row.number },
      );
      const question = row.in_use ? "This kernel uses it. Delete it?" : "Delete it for good?";
      const remove = careful("Delete", () => ask({ do: "delete", id: row.number }), question, row.name);
      return element(
        "tr",
        {},
        element("td", {}, row.in_use ? `→ ${row.name}` : row.name),
        element("td", {}, String(row.number)),
        element("td", {}, element("code", {}, row.trunc)),
        element("td", {}, moment(row.last_used)),
        element("td", {}, moment(row.expires)),
        element("td", {}, element("div", { class: "ccm-row" }, edit, remove)),
      );
    }

    function list() {
      const rows = model.get("rows");
      const form = model.get("form");
      title.textContent = model.get("heading");
      body.replaceChildren(...rows.map((row) => (row.number === editing ? edited(row) : listed(row))));
      table.parentElement.hidden = form !== "list" || !rows.length;
      empty.hidden = form !== "list" || rows.length > 0;
      maker.hidden = form !== "list";
      changer.hidden = form !== "one";
    }

    function showStatus() {
      const tone = model.get("tone");
      for (const button of dialog.querySelectorAll("button")) button.disabled = tone === "busy";
      status.textContent = model.get("status");
      status.dataset.tone = tone;
      if (tone === "done" && model.get("new_key").name === name.value) name.value = days.value = "";
    }

    for (const field of [name, days]) {
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.isComposing && !create.disabled) create.click();
      });
    }
    password.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing && !reveal.disabled) reveal.click();
    });
    model.on("change:rows", list);
    model.on("change:new_key", newKeyChanged);
    model.on("change:status change:tone", showStatus);
    model.on("msg:custom", shown);
    list();
    showNewKey();
    showStatus();
    el.append(dialog);
    return () => {
      text.textContent = password.value = "";
      model.off("change:rows", list);
      model.off("change:new_key", newKeyChanged);
      model.off("change:status change:tone", showStatus);
      model.off("msg:custom", shown);
    };
  },
};
