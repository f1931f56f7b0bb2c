// Where there is no network, a page that says so; and messages that the server pushes. FACTS stands before it.
//
// Kept is what FACTS names, about nobody, and never an answer of the API or a page of somebody.

const SHELL = `shell-${FACTS.version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      // without cookies: the page is about nobody
      .then((cache) => cache.addAll(FACTS.kept.map((path) => new Request(path, { credentials: "omit", cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("shell-") && name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

const kept = new Set(FACTS.kept.slice(1));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(FACTS.offline)));
  } else if (kept.has(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request.url, { cacheName: SHELL }).then((found) => found ?? fetch(request)));
  }
});
