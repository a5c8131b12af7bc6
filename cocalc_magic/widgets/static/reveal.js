// Scrolls to where a response appears, if that is out of sight.

const MARGIN = 200; // pixels of the response that a person should see
const PATIENCE = 2000; // ms in which its views are made

export default {
  render({ model, el }) {
    let watch = null;

    function reveal() {
      const { top } = el.getBoundingClientRect();
      if (top < 0 || top > window.innerHeight - MARGIN) el.scrollIntoView({ block: "center" });
    }

    // The response comes before its view has a size: for a while every change of that is followed.
    function follow() {
      watch?.disconnect();
      watch = new ResizeObserver(reveal);
      watch.observe(el.parentElement ?? el);
      setTimeout(() => watch.disconnect(), PATIENCE);
    }

    model.on("msg:custom", follow);
    return () => {
      watch?.disconnect();
      model.off("msg:custom", follow);
    };
  },
};
