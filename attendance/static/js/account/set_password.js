// Sets a password with the token of an invitation or reset link, and signs in.

import { api } from "../common/api.js";
import { learn } from "../common/problems.js";
import { _ } from "../common/strings.js";
import { $, $$, onSubmit } from "../common/ui.js";

learn({
  invitation_invalid: () => [_("This link is not valid, or was used already"), _("Sign in, or ask for a new link.")],
  invitation_expired: () => [_("This link is too old"), _("Ask for a new one.")],
});

const form = $("#set-password");
const token = location.hash.slice(1);
form.hidden = !token;
$("#no-token").hidden = Boolean(token);
// The token is in no address that the server sees: the links to other languages take it along.
for (const link of $$("a[hreflang]")) link.hash = location.hash;

onSubmit(form, async ({ password }) => {
  await api.post("/auth/set-password?transport=cookie", { json: { token, password }, refresh: false });
  location.replace("/");
});
