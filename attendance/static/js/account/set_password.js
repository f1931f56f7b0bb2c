// Sets a password with the token of an invitation or reset link, and signs in.

import { api } from "../common/api.js";
import { at } from "../common/paths.js";
import { learn } from "../common/problems.js";
import { _ } from "../common/strings.js";
import "../common/show_password.js";
import { $, $$, fail, onSubmit, problemText } from "../common/ui.js";

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

// Whose account it is, before anybody chooses a password for it.
async function sayWhose() {
  try {
    const { name, email, student_id } = await api.post("/auth/password-link", { json: { token }, refresh: false });
    const known = [email, student_id].filter(Boolean).join(", ");
    $("#whose").textContent = known ? _("For the account of {name} ({known}).", { name, known }) : _("For the account of {name}.", { name });
    $("#whose").hidden = false;
    form.elements.username.value = email ?? "";
  } catch (error) {
    if (!["invitation_invalid", "invitation_expired"].includes(error.code)) {
      fail(error);
      return;
    }
    form.hidden = true;
    $("#no-token").hidden = false;
    $("#no-token p").textContent = problemText(error);
  }
}

if (token) sayWhose();

onSubmit(form, async ({ password }) => {
  await api.post("/auth/set-password?transport=cookie", { json: { token, password }, refresh: false });
  location.replace(at("/"));
});
