// A list or a text without a frame.

import { showParts, useSheet } from "./parts.js";

export default {
  render({ model, el }) {
    useSheet(model);
    el.classList.add("ccm", "ccm-blocks");
    return showParts(model, el);
  },
};
