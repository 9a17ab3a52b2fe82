const SPACES = /\p{White_Space}+/gu;
const NOT_ASCII = /[\u0080-\uffff]/;
/** White space other than single spaces, in ASCII. */
const UNEVEN = /[\t-\r]| {2}/;

/**
 * Returns the form in which texts are compared: NFKC, lower case, each run of white space as one space, none at the ends.
 */
export function normalForm(text: string): string {
  if (NOT_ASCII.test(text)) return trimmed(text.normalize('NFKC').toLowerCase().replaceAll(SPACES, ' '));
  const lower = text.toLowerCase();
  return trimmed(UNEVEN.test(lower) ? lower.replaceAll(SPACES, ' ') : lower);
}

/** Removes a space at each end. `trim` would also remove a byte order mark, which is not white space. */
function trimmed(text: string): string {
  const from = text.startsWith(' ') ? 1 : 0;
  const to = text.length - (text.length > from && text.endsWith(' ') ? 1 : 0);
  return text.slice(from, to);
}
