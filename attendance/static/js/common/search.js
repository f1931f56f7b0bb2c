// Names in the order of the page's language, and searched without capitals and accents.

// Numbers within names by their value.
const collator = new Intl.Collator(globalThis.document?.documentElement.lang, { numeric: true });

export const compareText = (one, other) => collator.compare(one, other);

// By family name where it is known, as lists and files of the server are.
export function byName(one, other) {
  return compareText(sorted(one), sorted(other)) || compareText(one.name, other.name) || compareText(one.student_id ?? "", other.student_id ?? "");
}

function sorted({ name, family_name: family }) {
  if (!family) return name;
  return `${family} ${name.endsWith(family) ? name.slice(0, -family.length) : name.slice(family.length)}`;
}

// Folding as in `database/naming.py`: what may be left out in writing, and letters that no
// decomposition makes plain.
const IDLE = new RegExp("[\\u0300-\\u036f\\u0483-\\u0487\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a"
  + "\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e8\\u06ea-\\u06ed\\u093c\\u09bc\\u0a3c\\u0abc\\u0b3c"
  + "\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u200b-\\u200f\\u20d0-\\u20f0\\ufe20-\\ufe2f'`\\u00b4\\u02b9-\\u02bf\\u2018\\u2019\\u05f3\\u05f4]", "g");
const LETTERS = {
  ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ħ: "h", ı: "i", ŋ: "n", ə: "e", ς: "σ",
  "\u066e": "\u0628", "\u0671": "\u0627", "\u0643": "\u06a9", "\u0649": "\u06cc", "\u064a": "\u06cc",
  "\u0629": "\u0647", "\u06c1": "\u0647", "\u06be": "\u0647", "\u06d5": "\u0647",
};
const OTHERS = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");
const UMLAUTS = { ä: "ae", ö: "oe", ü: "ue", å: "aa", ø: "oe" };

// "José" → "jose", in whatever form it was typed.
export function folded(text) {
  const bare = text.normalize("NFKD").replace(IDLE, "").toLowerCase().normalize("NFKD").replace(IDLE, "");
  return bare
    .replace(OTHERS, (letter) => LETTERS[letter])
    .replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) % 16 - (digit < "\u0900" ? 0 : 6)))
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .normalize("NFC");
}

// What a search looks through: folded, and with umlauts written out ("mueller").
function searchable(text) {
  const out = text.normalize("NFC").toLowerCase().replace(/[äöüåø]/g, (letter) => UMLAUTS[letter]);
  return `${folded(text)}\n${folded(out)}`;
}

// finder("jos mül")("José Müller", "S-1") → true: every word is a part of one of the texts.
export function finder(search) {
  const words = folded(search).split(/\s+/).filter(Boolean);
  return (...texts) => {
    if (words.length === 0) return true;
    const text = searchable(texts.filter(Boolean).join(" "));
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
