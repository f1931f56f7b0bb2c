// Keys of every page: Ctrl-K searches everything, "?" says which keys there are.

import { $ } from "../common/ui.js";
import { help, search } from "./palette.js";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    search(); // at once: what is typed next belongs to it
  } else if (event.key === "?" && !typing(event.target) && !$("dialog[open]")) {
    event.preventDefault();
    help();
  }
});
$("#find")?.addEventListener("click", search);
