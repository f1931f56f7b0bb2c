// Questions in a dialog of their own, made when asked and gone when answered.
//
//   await ask({ title: _("Delete?"), text: _("…"), yes: _("Delete"), danger: true,
//               run: () => api.delete(path) });      // true when done, false when not wanted
//
// `body` are further elements (fields); `run` gets the form's values. What fails is said inside.

import { _ } from "./strings.js";
import { $, el, onSubmit } from "./ui.js";

let numbered = 0;

export function ask({ title, text = null, body = [], yes, no = _("Cancel"), danger = false, run }) {
  numbered += 1;
  const id = `ask-${numbered}`;
  // Esc and the first button answer "no": what cannot be undone takes a choice.
  const cancel = el("button", { type: "button", class: "secondary outline" }, no);
  const form = el("form", { method: "dialog", novalidate: true },
    ...body,
    el("div", { class: "form-error", role: "alert" }),
    el("footer", { class: "actions" }, cancel, el("button", { type: "submit", class: danger ? "danger" : null }, yes)),
  );
  const dialog = el("dialog", { "aria-labelledby": id },
    el("article", {}, el("h2", { id }, title), text && el("p", {}, text), form),
  );
  let done = false;
  onSubmit(form, async (fields) => {
    await run(fields);
    done = true;
    dialog.close();
  });
  cancel.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  ($("input, select, textarea", form) ?? cancel).focus();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(done);
    });
  });
}

// Show something in a dialog with a button to close it.
export function tell({ title, body }) {
  numbered += 1;
  const id = `ask-${numbered}`;
  const close = el("button", { type: "button" }, _("Close"));
  const dialog = el("dialog", { "aria-labelledby": id },
    el("article", {}, el("h2", { id }, title), ...body, el("footer", { class: "actions" }, close)),
  );
  close.addEventListener("click", () => {
    dialog.close();
    dialog.remove(); // at once: what it shows may be secret
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// Show a text to hand on (a link, a key) under its label, with a button that copies it.
export function tellToCopy({ title, text, label, value }) {
  tell({ title, body: [el("p", {}, text), copyable(value, label)] });
}

function copyable(text, label) {
  const field = el("input", { readonly: true, value: text, "aria-label": label, onfocus: () => field.select() });
  const button = el("button", { type: "button", class: "outline" }, _("Copy"));
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = _("Copied");
    } catch {
      // Not on a secure address: the text is selected, and the keyboard copies it.
    }
  });
  return el("div", { class: "copyable" }, field, button);
}
