// What courses and sessions are called: the name, and the section where there is one.

// A name that ends with its section already ("Mathematics 10b") is not given it a second time.
function withSection(name, section) {
  if (!section || ` ${name}`.toLowerCase().endsWith(` ${section.toLowerCase()}`)) return name;
  return `${name} · ${section}`;
}

export const courseName = ({ name, section }) => withSection(name, section);

// Of sessions, marks and planned lessons.
export const sessionName = ({ subject, section }) => withSection(subject, section);
