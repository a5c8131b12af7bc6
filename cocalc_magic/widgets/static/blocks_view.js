// A list or a text without a frame.

import { showParts } from "./parts.js";

export default {
  render({ model, el }) {
    el.classList.add("ccm", "ccm-blocks");
    return showParts(model, el);
  },
};
