// All your sessions, newest first.

import "../common/downloads.js";
import { listSessions } from "./session_rows.js";
import { _ } from "../common/strings.js";
import "./teaching_problems.js";

listSessions({ nothing: _("You have not held a session yet.") });
