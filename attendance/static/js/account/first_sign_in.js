// Sets a first password with the PIN of a printed slip, and signs in.

import { api } from "../common/api.js";
import { at } from "../common/paths.js";
import { learn } from "../common/problems.js";
import { _ } from "../common/strings.js";
import "../common/show_password.js";
import { $, onSubmit } from "../common/ui.js";

learn({ invitation_expired: () => [_("This slip is too old"), _("Ask for a new one.")] });

onSubmit($("#first-sign-in"), async ({ username, pin, password }) => {
  const json = { username: username.trim(), pin, password };
  await api.post("/auth/first-sign-in?transport=cookie", { json, refresh: false });
  location.replace(at("/"));
});
