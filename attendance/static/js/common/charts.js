// Charts in the colours of the page. Each has its numbers in a table or sentence beside it.

import { locale } from "./strings.js";

const reduced = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map(); // canvas → {chart, make}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const colours = () => ({
  good: colour("--good"),
  late: colour("--chart-late"),
  bad: colour("--bad"),
  primary: colour("--pico-primary"),
  text: colour("--pico-color"),
  lines: colour("--pico-muted-border-color"),
});

const rightToLeft = document.documentElement.dir === "rtl";

// Where one reads from the right, time and shares run from the right too.
function turned({ x, y, ...others } = {}) {
  return { ...others, x: { ...x, reverse: true }, y: { ...y, position: "right" } };
}

// Draw, or draw again with other data; make(colours) gives Chart.js its configuration.
export function draw(canvas, make) {
  const { Chart } = window;
  if (!Chart) return; // the library is missing: the tables say the same
  drawn.get(canvas)?.chart.destroy();
  const palette = colours();
  Chart.defaults.color = palette.text;
  Chart.defaults.borderColor = palette.lines;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.locale = locale;
  for (const part of [Chart.defaults.plugins.legend, Chart.defaults.plugins.tooltip]) {
    part.rtl = rightToLeft;
    part.textDirection = document.documentElement.dir;
  }
  const { options = {}, ...rest } = make(palette);
  const chart = new Chart(canvas, {
    ...rest,
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: reduced.matches ? false : undefined,
      ...options,
      scales: rightToLeft ? turned(options.scales) : options.scales,
    },
  });
  drawn.set(canvas, { chart, make });
}

dark.addEventListener("change", () => {
  for (const [canvas, { make }] of drawn) draw(canvas, make);
});
