// Makes the pages an app: the service worker shows a page of its own without a network.

import { at } from "./paths.js";
import { language } from "./strings.js";

const worker = at(`/service-worker/${language}.js`);

// Resolves with the registration; null where the browser has none or forbids it.
export const registered = navigator.serviceWorker?.register(worker, { scope: at("/") }).catch(() => null) ?? Promise.resolve(null);
