// A button at every password field that shows what was typed, and hides it again.

import { _ } from "./strings.js";
import { $$, el } from "./ui.js";

function offer(field) {
  const label = field.closest("label");
  const button = el("button", { type: "button", class: "show-password" }, _("Show password"));
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? _("Show password") : _("Hide password");
  });
  // What is sent is a password again, which browsers offer to keep.
  field.form?.addEventListener("submit", () => {
    if (field.type === "text") button.click();
  }, { capture: true });
  label.insertAdjacentElement("afterend", button);
}

const offerAll = (root) => {
  for (const field of $$("input[type=password]", root)) offer(field);
};

offerAll(document);
// Dialogs come later.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof HTMLElement && node.matches("dialog")) offerAll(node);
}).observe(document.body, { childList: true });
