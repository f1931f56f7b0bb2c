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

// A message tells its kind, what it is about, and the page behind it; the words are FACTS's.
self.addEventListener("push", (event) => {
  const { kind, subject = "", accepted = null, path = "/" } = event.data?.json() ?? {};
  const words = FACTS.words[accepted === null ? kind : `${kind} ${accepted ? "accepted" : "rejected"}`] ?? FACTS.words.other;
  event.waitUntil(
    self.registration.showNotification(words.replace("{subject}", () => subject), {
      tag: `${kind} ${subject}`,
      icon: FACTS.icon,
      lang: FACTS.language,
      dir: FACTS.direction,
      data: { url: FACTS.root + path },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data;
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((windows) => {
      const open = windows.find((each) => new URL(each.url).pathname === url);
      return open ? open.focus() : self.clients.openWindow(url);
    }),
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
