// Client-side half of the live views: replaces the static HTML of a response with its widget.
//
// An output of the notebook is HTML that is complete by itself. While the kernel runs, this model, which is
// never displayed, finds elements with `data-ccm` in the page, requests the widget of each from the kernel,
// and hides the static HTML behind it. When the widget or the kernel ends, the static HTML is shown again.

import { progressLines } from "./progress.js";

function failed(element, reason) {
  const line = element.querySelector(":scope > [data-ccm-failed]") ?? document.createElement("div");
  line.dataset.ccmFailed = "";
  line.setAttribute("role", "status");
  line.style.color = "var(--jp-error-color1, #b00020)";
  line.textContent = `The live view failed: ${reason}`;
  element.append(line);
}

// Keeps plain keys in a live view from the notebook, which in command mode would move or cut cells.
function keepKeys(event) {
  if (!event.target.closest?.("[data-ccm][data-live]")) return;
  const theirs = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape";
  const runs = event.shiftKey && event.key === "Enter";
  event.target.toggleAttribute("data-lm-suppress-shortcuts", !theirs && !runs);
}

export default {
  initialize({ model }) {
    const manager = model.widget_manager;
    const lines = progressLines(model);
    const requested = new WeakSet();
    const offered = new Map(); // views by the tokens of elements that may come after them
    let due = 0;
    let over = false;

    async function mount(element, id) {
      const view_model = await manager.get_model(id);
      if (element.dataset.live || !view_model.comm_live) return;
      element.querySelector(":scope > [data-ccm-failed]")?.remove();
      element.dataset.live = "1";
      const view = await manager.create_view(view_model);
      const placeholder = element.firstElementChild;
      const live = document.createElement("div");
      live.append(view.el);
      element.append(live);
      if (placeholder) placeholder.hidden = true;
      // The messages that lumino's Widget.attach sends.
      for (const type of ["before-attach", "after-attach"]) view.luminoWidget.processMessage({ type });
      const end = () => {
        live.remove();
        if (placeholder) placeholder.hidden = false;
        delete element.dataset.live;
      };
      view_model.once("destroy", end);
      view_model.on("comm_live_update", () => view_model.comm_live || end());
    }

    function scan() {
      due = 0;
      if (over) return;
      lines.scan();
      for (const element of document.querySelectorAll("[data-ccm]:not([data-live])")) {
        if (requested.has(element)) continue;
        requested.add(element);
        if (offered.has(element.dataset.ccm)) {
          receive({ key: element.dataset.ccm, id: offered.get(element.dataset.ccm) });
          continue;
        }
        try {
          model.send({ want: element.dataset.ccm });
        } catch {
          over = true; // the kernel was shut down, for which there is no event
          return;
        }
      }
    }

    function receive({ key, id, problem }) {
      if (id) offered.set(key, id);
      for (const element of document.querySelectorAll(`[data-ccm="${CSS.escape(key)}"]`)) {
        if (problem) failed(element, `${problem}; the kernel's log has the rest.`);
        else
          mount(element, id).catch((reason) => {
            console.warn("cocalc-magic: the static view stays:", reason);
            failed(element, "the page could not make it; the browser's console has the reason.");
          });
      }
    }

    model.on("msg:custom", receive);
    model.on("comm_live_update", () => {
      over = true; // a comm never comes back: a new kernel has its own view host
      lines.close();
    });
    const watch = new MutationObserver(() => {
      if (!due) due = requestAnimationFrame(scan);
    });
    watch.observe(document.body, { childList: true, subtree: true });
    window.addEventListener("keydown", keepKeys, true);
    scan();
    return () => {
      watch.disconnect();
      window.removeEventListener("keydown", keepKeys, true);
    };
  },
};
