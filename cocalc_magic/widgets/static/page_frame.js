// A project's page in a frame. The token of a sign-in comes once, combined with random bytes of this page, and
// goes into the frame's address or into the text that a person copies: never into the state.

import { button, element } from "./element.js";
import { newPad, uncovered } from "./pad.js";

export default {
  render({ model, el }) {
    let pad = null; // of this page's last request
    let use = null; // what to do with the link

    const address = model.get("address");
    const link = element("a", { target: "_blank", rel: "noopener noreferrer" }, model.get("name"));
    if (/^https?:/i.test(address)) link.href = address;
    const frame = element("iframe", {
      title: model.get("name"),
      sandbox: model.get("permissions"),
      referrerpolicy: "no-referrer",
    });
    frame.style.height = model.get("height");
    const text = element("output", { tabindex: "0", "aria-label": "The sign-in link" });
    const hide = button("Hide", () => show(""));
    const signIns = element(
      "div",
      { class: "ccm-row", role: "group", "aria-label": "Sign in, once" },
      `Signs ${model.get("whose")} in, once: `,
      button("Sign this frame in", () => ask(enter), { class: "ccm-first" }),
      button("Show the link", () => ask(show)),
    );
    const code = element("pre", { tabindex: "0", "aria-label": "HTML for a page of yours" }, model.get("html"));
    const copied = element("span", { role: "status" });
    const paste = element(
      "details",
      {},
      element("summary", {}, "HTML for a page of yours"),
      code,
      element("div", { class: "ccm-row" }, button("Copy", copy), copied),
    );
    const status = element("div", { class: "ccm-status", role: "status", "aria-live": "polite" });

    function ask(then) {
      pad = newPad();
      use = then;
      model.send({ do: "sign-in", pad: [...pad] });
    }

    function received({ shown }) {
      if (!Array.isArray(shown) || !pad) return; // requested by another page of this kernel
      const whole = start + encodeURIComponent(uncovered(shown, pad));
      pad = null;
      use(whole);
    }

    function enter(whole) {
      frame.src = whole;
    }

    function show(whole) {
      text.textContent = whole;
      text.hidden = hide.hidden = !whole;
      if (whole) text.focus();
    }

    async function copy() {
      try {
        await navigator.clipboard.writeText(model.get("html"));
        copied.textContent = "Copied.";
      } catch {
        copied.textContent = "The browser does not allow it: select the text above.";
      }
    }

    let start = model.get("sign_in");
    function showStatus() {
      start = model.get("sign_in") || start;
      signIns.hidden = !model.get("sign_in");
      status.textContent = model.get("status");
      status.dataset.tone = model.get("is_wrong") ? "error" : "";
    }

    const hasFrame = Boolean(model.get("html")) && Boolean(link.href);
    if (hasFrame) frame.src = address;
    el.append(
      element(
        "div",
        { class: "ccm ccm-panel ccm-page-frame" },
        element("div", {}, link),
        signIns,
        element("div", { class: "ccm-row" }, text, hide),
        status,
        ...(hasFrame ? [frame, paste] : ["The server forbids to show it in a frame: the link opens it in a tab."]),
      ),
    );
    show("");
    showStatus();
    model.on("change:sign_in change:status change:is_wrong", showStatus);
    model.on("msg:custom", received);
    return () => {
      show("");
      model.off("change:sign_in change:status change:is_wrong", showStatus);
      model.off("msg:custom", received);
    };
  },
};
