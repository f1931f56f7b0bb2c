// Asks for a link that sets a new password. Whether there is such an account, nobody is told.

import { api } from "../common/api.js";
import { $, onSubmit } from "../common/ui.js";

const form = $("#forgot");

onSubmit(form, async ({ email }) => {
  await api.post("/auth/forgot-password", { json: { email: email.trim() }, refresh: false });
  form.hidden = true;
  $("#sent").hidden = false;
  $("#sent").focus();
});
