// The name and the logo of a product, above a form.

import { element } from "./element.js";

export default {
  render({ model, el }) {
    const brand = element("div", { class: "ccm ccm-brand" });
    const logo = model.get("logo");
    if (/^data:image\//.test(logo)) brand.append(element("img", { src: logo, alt: "" }));
    if (model.get("title")) brand.append(element("span", {}, model.get("title")));
    if (brand.childNodes.length) el.append(brand);
  },
};
