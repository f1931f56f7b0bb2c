// Signing in.
import { api } from "../common/api.js";
import "../common/show_password.js";
import { $, onSubmit } from "../common/ui.js";

const form = $("#sign-in");

onSubmit(form, async ({ role, email, password }) => {
  await api.post(`/${role}/login?transport=cookie`, { json: { email: email.trim(), password }, refresh: false });
  location.assign(form.dataset.next);
});
