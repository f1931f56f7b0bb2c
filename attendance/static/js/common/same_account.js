// Two tabs, two accounts: the tab of the first says that it is not the one who is signed in any more.

import { _ } from "./strings.js";
import { el, notify } from "./ui.js";

const { account } = document.documentElement.dataset;

function say() {
  notify("warning", _("Another account has signed in in this browser. This page does nothing any more, so that nothing is done as somebody else."), {
    key: "account_changed",
    actions: [el("button", { onclick: () => location.reload() }, _("Load the page again"))],
    closable: false,
  });
}

addEventListener("account_changed", say);
if ("BroadcastChannel" in window) {
  const tabs = new BroadcastChannel("account");
  tabs.onmessage = ({ data }) => data !== account && say();
  tabs.postMessage(account);
}
