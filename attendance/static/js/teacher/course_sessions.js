// A course's sessions.

import "../common/downloads.js";
import { id } from "./course_page.js";
import { listSessions } from "./session_rows.js";
import { _ } from "../common/strings.js";

listSessions({ course: id, nothing: _("No session was held yet. Start one: the students scan the code, and the list fills by itself.") });
