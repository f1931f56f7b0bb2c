// Browsers in which a camera cannot work as it does elsewhere, told by what they do, or by their name.

const SIDE = 16;
const FAR = 24; // of 255: what protection against tracking adds in other browsers is less
const OTHERS = 0.05;

let trusted = null;

// Whether a canvas gives back what was drawn. Some browsers (Firefox with resistFingerprinting, LibreWolf, Tor) give
// noise in its place, in which no face is found.
export function canvasIsTrue() {
  trusted ??= check();
  return trusted;
}

function check() {
  const canvas = document.createElement("canvas");
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const colours = [[20, 160, 90], [230, 60, 140]];
  for (let x = 0; x < SIDE; x += 1) {
    context.fillStyle = `rgb(${colours[x % 2].join(" ")})`;
    context.fillRect(x, 0, 1, SIDE);
  }
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  let wrong = 0;
  for (let i = 0; i < SIDE * SIDE; i += 1) {
    const drawn = colours[(i % SIDE) % 2];
    if (drawn.some((value, channel) => Math.abs(data[4 * i + channel] - value) > FAR)) wrong += 1;
  }
  return wrong <= OTHERS * SIDE * SIDE;
}

const INSIDE = /\bFBA[NV]\b|FB_IAB|Instagram|\bLine\/|MicroMessenger|Snapchat|musical_ly|BytedanceWebview|TikTok|LinkedInApp|Twitter for|WhatsApp|Teams\/|; wv\)/;

// Whether the page was opened inside another app, which often gives pages no camera.
export const insideAnotherApp = () => INSIDE.test(navigator.userAgent);
