// Where the link of the weekly message leads: one press ends it.
import { api } from "../common/api.js";
import { learn } from "../common/problems.js";
import { _ } from "../common/strings.js";
import { $, onSubmit } from "../common/ui.js";

learn({
  digest_link_invalid: () => [_("This link is not valid"), _("Copy it as a whole, or switch the message off on your account’s page.")],
});
const token = new URLSearchParams(location.search).get("token") ?? "";

onSubmit($("#stop"), async () => {
  await api.post(`/digest?token=${encodeURIComponent(token)}`, { refresh: false });
  $("#stop").hidden = true;
  $("#said").hidden = false;
});
