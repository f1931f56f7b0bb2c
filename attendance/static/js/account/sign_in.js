// Signing in.
import { api } from "../common/api.js";
import "../common/show_password.js";
import { $, onSubmit } from "../common/ui.js";

const form = $("#sign-in");
// What has an @ is an address; the server takes a number for a user name as well.
const named = (text) => (text.includes("@") ? { email: text } : { username: text });

onSubmit(form, async ({ role, email, password }) => {
  await api.post(`/${role}/login?transport=cookie`, { json: { ...named(email.trim()), password }, refresh: false });
  location.assign(form.dataset.next);
});
