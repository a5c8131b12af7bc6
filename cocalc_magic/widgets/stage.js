// The page's half of the live views: finds the static HTML of a response and puts its widget there.
//
// An output of the notebook is HTML that stands by itself. While the kernel lives, this model, which is
// never displayed, looks for `data-ccm` marks in the page, asks the kernel for the widget of each, and
// hides the static half behind it. When the widget or the kernel goes, the static half is back.

export default {
  initialize({ model }) {
    const manager = model.widget_manager;
    const asked = new WeakSet();
    let due = 0;

    async function mount(element, id) {
      const view_model = await manager.get_model(id);
      if (element.dataset.live || !view_model.comm_live) return;
      element.dataset.live = "1";
      const view = await manager.create_view(view_model);
      const twin = element.firstElementChild;
      const live = document.createElement("div");
      live.append(view.el);
      element.append(live);
      if (twin) twin.hidden = true;
      // What lumino's Widget.attach would send.
      for (const type of ["before-attach", "after-attach"]) view.luminoWidget.processMessage({ type });
      const end = () => {
        live.remove();
        if (twin) twin.hidden = false;
        delete element.dataset.live;
      };
      view_model.once("destroy", end);
      view_model.on("comm_live_update", () => view_model.comm_live || end());
    }

    function scan() {
      due = 0;
      if (model.comm_live === false) return;
      for (const element of document.querySelectorAll("[data-ccm]:not([data-live])")) {
        if (asked.has(element)) continue;
        asked.add(element);
        model.send({ want: element.dataset.ccm });
      }
    }

    function answered({ key, id }) {
      for (const element of document.querySelectorAll(`[data-ccm="${CSS.escape(key)}"]`)) {
        mount(element, id).catch((problem) => console.warn("cocalc-magic: the static view stays:", problem));
      }
    }

    model.on("msg:custom", answered);
    const watch = new MutationObserver(() => {
      due ||= requestAnimationFrame(scan);
    });
    watch.observe(document.body, { childList: true, subtree: true });
    scan();
    return () => watch.disconnect();
  },
};
