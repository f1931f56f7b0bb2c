// The progress ring: how many are here, of how many.

import { _ } from "../common/strings.js";
import { $ } from "../common/ui.js";

export function drawGauge(svg, { here, of }) {
  const share = of ? Math.min(here / of, 1) * 100 : here ? 100 : 0;
  $(".gauge-fill", svg).setAttribute("stroke-dasharray", `${share} 100`);
  $(".gauge-number", svg).textContent = here;
  $(".gauge-of", svg).textContent = of === null ? _("here") : _("of {n}", { n: of });
  svg.setAttribute("aria-label", of === null ? _("{here} here", { here }) : _("{here} of {of} here", { here, of }));
}
