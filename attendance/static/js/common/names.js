// What courses, sessions and people are called.

// Of courses and sessions: the name, and the section where there is one.
// A name that ends with its section already ("Mathematics 10b") is not given it a second time.
function withSection(name, section) {
  if (!section || ` ${name}`.toLowerCase().endsWith(` ${section.toLowerCase()}`)) return name;
  return `${name} · ${section}`;
}

export const courseName = ({ name, section }) => withSection(name, section);

// Of sessions, marks and planned lessons.
export const sessionName = ({ subject, section }) => withSection(subject, section);

const letters = (text) => text.split(/[\s\-‐]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word)).map(firstLetter);

// With what belongs to it, as in "é" that is written with two signs.
function firstLetter(word) {
  if (!Intl.Segmenter) return String.fromCodePoint(word.codePointAt(0));
  const [first] = new Intl.Segmenter().segment(word);
  return first.segment;
}

// "Ada King Lovelace" → "AL": of the first name, and of the family's where it is known, else the last.
export function initials({ name, family_name: family }) {
  const given = family ? name.replace(family, " ") : name;
  const [first = "", ...others] = letters(given);
  const last = (family ? letters(family)[0] : others.at(-1)) ?? "";
  // letters that would join into another shape stand apart
  const apart = /\p{Script=Arabic}/u.test(first + last) && first && last ? "\u200c" : "";
  return `${first}${apart}${last}`.toLocaleUpperCase();
}

// Whether two names that stand on a picture, each with its edges, lie over each other.
export const covers = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
