// What a guardian does with a one-time link: agree, take that back, or ask for an excuse.

import { api } from "../common/api.js";
import { learn } from "../common/problems.js";
import { _, language } from "../common/strings.js";
import { $, $$, fail, onSubmit, problemText } from "../common/ui.js";

learn({
  guardian_link_invalid: () => [_("This link is not valid"), _("Copy it as a whole, or ask the school for a new one.")],
  guardian_link_used: () => [_("This link was used already"), _("It works once. If it was not you, tell the school; the message that was sent then says how to take it back.")],
  guardian_link_expired: () => [_("This link is too old"), _("Ask the school for a new one.")],
});
const OF_LINKS = ["guardian_link_invalid", "guardian_link_used", "guardian_link_expired"];

const token = location.hash.slice(1);
// The token is in no address that the server sees: the links to other languages take it along.
for (const link of $$("a[hreflang]")) link.hash = location.hash;

function say(text) {
  for (const section of $$("main section")) section.hidden = true;
  $("#said p").textContent = text;
  $("#said").hidden = false;
}

// What a link is not good for any more is said in place of the form.
async function attempt(path, sent, done) {
  try {
    await api.post(path, { ...(sent instanceof FormData ? { form: sent } : { json: { token, ...sent } }), refresh: false });
    say(done);
  } catch (error) {
    if (!OF_LINKS.includes(error.code)) throw error;
    say(problemText(error));
  }
}

async function begin() {
  if (!token) {
    say(_("This link is not complete: copy it as a whole, or ask for a new one."));
    return;
  }
  try {
    const { purpose, student, version } = await api.post("/guardian/link", { json: { token }, refresh: false });
    $("#whose").textContent = _("This is about {name}.", { name: student });
    $("#whose").hidden = false;
    $("#version").textContent = _("Text of {version}", { version });
    $(`#${purpose}`).hidden = false;
  } catch (error) {
    if (OF_LINKS.includes(error.code)) say(problemText(error));
    else fail(error);
  }
}

onSubmit($("#consent form"), ({ name }) =>
  attempt("/guardian/consent", { name: name.trim(), language, agree: true }, _("Thank you. Your consent was recorded; a message with the way back is on its way to you.")),
);
onSubmit($("#withdraw form"), () => attempt("/guardian/withdraw", {}, _("The consent was taken back, and what was stored is deleted.")));
onSubmit($("#absence form"), ({ from, to, reason, image }) => {
  const sent = _("The request was sent. Each course decides about it.");
  if (!image.size) return attempt("/guardian/absence", { from, to: to || null, reason: reason.trim() }, sent);
  const form = new FormData();
  for (const [name, value] of Object.entries({ token, from, to, reason: reason.trim(), image })) if (value) form.append(name, value);
  return attempt("/guardian/absence-with-note", form, sent);
});
begin();
