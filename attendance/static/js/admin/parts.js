// The page of parts: messages and dialogs as other pages open them.

import { ask } from "../common/ask.js";
import { _ } from "../common/strings.js";
import { $, el, notify, onSubmit } from "../common/ui.js";

const saved = () => notify("good", _("Saved."), { key: "saved" });

onSubmit($("#fields"), saved);
$("#say").addEventListener("click", saved);
$("#ask").addEventListener("click", () =>
  ask({
    title: _("Ask something"),
    body: [el("label", {}, _("Name"), " ", el("input", { name: "name", required: true, autocomplete: "off" }))],
    yes: _("Save"),
    run: saved,
  }),
);
$("#warn").addEventListener("click", () =>
  ask({ title: _("Delete this plan?"), text: _("This cannot be undone."), yes: _("Delete"), danger: true, run: saved }),
);
