// What courses and sessions are called: the name, and the section where there is one.

const withSection = (name, section) => (section ? `${name} · ${section}` : name);

export const courseName = ({ name, section }) => withSection(name, section);

// Of sessions, marks and planned lessons.
export const sessionName = ({ subject, section }) => withSection(subject, section);
