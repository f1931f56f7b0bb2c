// Keys of every page: Ctrl-K searches everything, "?" says which keys there are. What they open
// is loaded when it is first wanted.

import { $ } from "../common/ui.js";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

async function openSearch() {
  const { search } = await import("./palette.js");
  search();
}

document.addEventListener("keydown", async (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    await openSearch();
  } else if (event.key === "?" && !typing(event.target) && !$("dialog[open]")) {
    event.preventDefault();
    const { help } = await import("./palette.js");
    help();
  }
});
$("#find")?.addEventListener("click", openSearch);
