// Where the installation stands below its host: "" at the root, "/attendance" below that path.

export const base = document.documentElement.dataset.base ?? "";

// A path of this server, as scripts and the API's description write it, as the browser must ask for it.
export const at = (path) => base + path;

// The path of a link of this page as scripts write it.
export const within = (path) => (base && path.startsWith(`${base}/`) ? path.slice(base.length) : path);
