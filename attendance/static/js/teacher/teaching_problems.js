// Problems as teachers and administrators meet them: what happened, and what to do.

import { learn } from "../common/problems.js";
import { _ } from "../common/strings.js";

learn({
  session_not_found: () => [_("There is no such session"), _("It may have been deleted. Go back and choose again.")],
  session_ended: () => [_("The session has ended"), _("You can still mark by hand; to go on, start another.")],
  student_not_found: () => [_("There is no such student"), _("Check the number. Whoever has no account yet is added by importing a list.")],
  not_enrolled: () => [_("This student is not in the course"), _("Enrol the student first, then mark.")],
  invitation_not_shown: () => [_("The link is not shown to you"), _("Whoever has it can take over the account. Ask the administrator for it.")],
  course_archived: () => [_("This course is archived"), _("Take it out of the archive first.")],
  course_has_sessions: () => [_("Sessions were held in this course"), _("Archive it: then nothing is lost, and it is out of the way.")],
  appeal_not_found: () => [_("There is no such appeal"), _("Load the page again.")],
  appeal_decided: () => [_("This appeal is decided already"), _("Load the page again.")],
  excuse_not_found: () => [_("There is no such excuse"), _("Load the page again.")],
  session_open: () => [_("This course has an open session"), _("Continue that one, or stop it first.")],
  session_too_old: () => [_("The session ended more than a day ago"), _("It cannot be opened again; you can still mark by hand.")],
  not_due: () => [_("This lesson is planned for a later day"), _("Start it on its day, or start a session without the plan.")],
  school_days_not_found: () => [_("There is no such term or holiday"), _("It may have been deleted. Load the page again.")],
  plan_not_found: () => [_("There is no such plan"), _("It may have been deleted. Load the page again.")],
  not_planned: () => [_("Nothing is planned for this day"), _("The plan may have changed. Load the page again.")],
  already_started: () => [_("The session was opened already"), _("Load the page again: it is on the list.")],
  nothing_to_undo: () => [_("There is nothing to bring back"), _("It was brought back already, or nothing was changed.")],
  table_unreadable: () => [_("This file cannot be read"), _("It needs a row of column names (student_id, name, email) and then one student per row. Save it as CSV or XLSX and try again.")],
  request_too_large: () => [_("This file is larger than 10 MB"), _("Split it into smaller ones.")],
  teacher_not_found: () => [_("There is no such teacher"), _("The account may have been deleted. Load the page again.")],
  last_administrator: () => [_("This is the last administrator"), _("Make somebody else an administrator first.")],
  teacher_has_records: () => [_("This teacher has courses or sessions"), _("Choose who takes them over.")],
  setting_fixed: () => [_("The environment of the server sets this"), _("Change it there; here it cannot be changed.")],
  webhook_not_found: () => [_("There is no such webhook"), _("It may have been removed already. Load the page again.")],
  api_key_not_found: () => [_("There is no such key"), _("It may have been revoked already. Load the page again.")],
});
