// Names in the order of the page's language, and searched without capitals and accents.

// Numbers within names by their value.
const collator = new Intl.Collator(globalThis.document?.documentElement.lang, { numeric: true });

export const compareText = (one, other) => collator.compare(one, other);

export function byName(one, other) {
  return compareText(one.name, other.name) || compareText(one.student_id ?? "", other.student_id ?? "");
}

// "José" → "jose", in whatever form it was typed.
export function folded(text) {
  return text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
}

// finder("jos mül")("José Müller", "S-1") → true: every word is a part of one of the texts.
export function finder(search) {
  const words = folded(search).split(/\s+/).filter(Boolean);
  return (...texts) => {
    if (words.length === 0) return true;
    const text = folded(texts.filter(Boolean).join(" "));
    return words.every((word) => text.includes(word));
  };
}

const PATIENCE_MS = 300; // after the last key before a search begins

// Calls `action` when the last call is some time ago.
export function settled(action, patience = PATIENCE_MS) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, patience);
  };
}
