/** Names of headers, of parameters of a URL and of keys of a body whose values are secrets. In a body, keys such as `max_tokens` are not. */
export const SECRET_HEADER = /auth|key|token|secret|cookie|passw|credential|session|jwt|(^|[-_])sig/i;
export const SECRET_PARAMETER =
  /auth|key|token|secret|cookie|passw|credential|session|jwt|^code$|(^|[-_])sig/i;
export const SECRET_BODY_KEY = /^auth|api[-_]?key|secret|passw|credential|cookie|token$|^key$/i;

/** The maximum number of times that a text is decoded. */
const MAX_DECODINGS = 4;
/** The minimum length of a secret. Shorter texts are often parts of words. */
const MIN_LENGTH = 4;
/** The length from which a text may have been cut, and may end with the beginning of a secret. */
const CUT_LENGTH = 256;

/**
 * Escapes of JSON and of program text, of URLs (RFC 3986), and of HTML. Every alternative is bounded, so that matching takes linear
 * time. A character above ASCII has two to four bytes in a URL. A numeric reference of HTML at the end of the text may be cut, and does not match.
 */
const ESCAPE =
  /\\u\{([\da-f]{1,6})\}|[\\%]u([\da-f]{4})|\\x([\da-f]{2})|\\([^ux])|(%[c-f][\da-f](?:%[89ab][\da-f]){1,3}|%[\da-f]{2})|&#x0{0,5}([\da-f]{1,6})(?:;|(?![\da-f]|$))|&#0{0,5}(\d{1,7})(?:;|(?!\d|$))|&([a-z]{2,7});/gi;
/** An escape that is cut by the end of the text, and its maximum length. */
const CUT_ESCAPE = /(?:[\\%][\da-fux{]{0,7}|&#?\w{0,12})$/i;
const LONGEST_CUT_ESCAPE = 14;

/** Escapes of RFC 8259 §7. After a backslash, any other character represents itself. */
const CONTROLS = new Map(Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }));

/** HTML's names of ASCII punctuation, each followed by its character. */
const ENTITIES = new Map(
  (
    "amp& apos' ast* bsol\\ colon: comma, commat@ dollar$ equals= excl! grave` gt> hat^ lbrace{ lbrack[ lcub{ lowbar_ lpar( lsqb[ " +
    'lt< num# percnt% period. plus+ quest? quot" rbrace} rbrack] rcub} rpar) rsqb] semi; sol/ verbar| vert|'
  )
    .split(' ')
    .map((each) => [each.slice(0, -1), each.slice(-1)]),
);

/** A text, as written or decoded. */
interface View {
  text: string;
  /** Returns the position in the original of a position in the text. */
  origin(position: number): number;
}

/** A range of the original; the end is exclusive. */
type Range = [from: number, end: number];

/** One encoding of a secret. */
interface Spelling {
  text: string;
  /** True if the character before or after contains some of its bits, in base64. */
  bits: { before: boolean; after: boolean };
}

const PLAIN = { before: false, after: false };
/** The last character of a base64 text, and its padding. */
const BASE64_END = /^[\w+/-]?={0,2}/;

/**
 * Returns a function that replaces every secret in a text with `mark`: plain, escaped for JSON, a URL or HTML, escaped repeatedly, or in
 * base64. The beginning of a secret at the end of a long text is replaced too. The time is linear in the length of the text. Secrets
 * shorter than `shortest` are not replaced.
 */
export function redactorOf(
  secrets: Iterable<string>,
  mark: string,
  shortest = MIN_LENGTH,
): (text: string) => string {
  const all = [...new Set(secrets)].filter((secret) => secret.length >= shortest);
  const spellings = unique(all.flatMap((secret) => spellingsOf(secret))).filter(
    ({ text }) => text.length >= Math.min(shortest, MIN_LENGTH),
  );
  if (spellings.length === 0) return (text) => text;
  const least = Math.min(CUT_LENGTH, ...spellings.map(({ text }) => text.length));
  return (text) => {
    // A decoded text is never longer.
    if (text.length < least) return text;
    const ranges: Range[] = [];
    for (const view of viewsOf(text)) {
      for (const spelling of spellings) find(view, spelling, ranges);
      if (text.length >= CUT_LENGTH) findBeginning(view, spellings, ranges);
    }
    return ranges.length === 0 ? text : without(text, ranges, mark);
  };
}

function unique(spellings: readonly Spelling[]): Spelling[] {
  return [...new Map(spellings.map((each) => [each.text, each])).values()];
}

function spellingsOf(secret: string): Spelling[] {
  const bytes = Buffer.from(secret);
  // Node reads headers as Latin-1.
  const written = [secret, bytes.toString('latin1')];
  // Texts are searched after decoding, and the secret may contain a character sequence that looks like an escape.
  const plain = written.flatMap((text) => Array.from(viewsOf(text), (view) => view.text));
  // In the query of a URL, a plus represents a space.
  const all = plain.flatMap((text) => [text, text.replaceAll(' ', '+')]);
  return [...all.map((text) => ({ text, bits: PLAIN })), ...[0, 1, 2].flatMap((o) => base64(bytes, o))];
}

/** Returns the base64 characters (RFC 4648 §4 and §5) that depend on these bytes only, if `before` bytes precede them in their group of three. */
function base64(bytes: Buffer, before: number): Spelling[] {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const end = (before + bytes.length) * 8;
  const text = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(end / 6));
  const bits = { before: before > 0, after: end % 6 > 0 };
  return [
    { text, bits },
    { text: text.replaceAll('+', '-').replaceAll('/', '_'), bits },
  ];
}

/** Yields the text, then its decoded forms until no escape is left. */
function* viewsOf(text: string): Generator<View> {
  let view: View = { text, origin: (position) => position };
  yield view;
  for (let k = 0; k < MAX_DECODINGS; k++) {
    const next = decoded(view);
    if (next === null) return;
    view = next;
    yield view;
  }
}

/** @returns `null` if the text has no escape */
function decoded(view: View): View | null {
  if (!/[\\%&]/.test(view.text)) return null;
  const parts: string[] = [];
  // The ends of the escapes, in the decoded text and in the view's text.
  const ends: number[] = [];
  const sources: number[] = [];
  let length = 0;
  let read = 0;
  for (const match of view.text.matchAll(ESCAPE)) {
    const plain = plainOf(match);
    if (plain === null) continue;
    const before = view.text.slice(read, match.index);
    parts.push(before, plain);
    length += before.length + plain.length;
    read = match.index + match[0].length;
    ends.push(length);
    sources.push(read);
  }
  if (ends.length === 0) return null;
  parts.push(view.text.slice(read));
  return {
    text: parts.join(''),
    origin(position) {
      const k = countUpTo(ends, position) - 1;
      return view.origin(k < 0 ? position : sources[k]! + position - ends[k]!);
    },
  };
}

/** Returns how many of the ascending numbers are at most `limit`. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the text that an escape stands for; `null` if it is not an escape. */
function plainOf([, braced, u, x, escaped, url, hex, decimal, name]: RegExpMatchArray): string | null {
  const digits = braced ?? u ?? x ?? hex;
  if (digits !== undefined) return character(Number.parseInt(digits, 16));
  if (decimal !== undefined) return character(Number(decimal));
  if (escaped !== undefined) return CONTROLS.get(escaped) ?? escaped;
  if (name !== undefined) return ENTITIES.get(name.toLowerCase()) ?? null;
  // A single byte above ASCII is not UTF-8.
  if (url!.length === 3) return character(Number.parseInt(url!.slice(1), 16));
  const text = Buffer.from(url!.replaceAll('%', ''), 'hex').toString();
  return text.includes('\ufffd') ? null : text;
}

const character = (code: number): string | null => (code <= 0x10_ff_ff ? String.fromCodePoint(code) : null);

function find({ text, origin }: View, { text: wanted, bits }: Spelling, ranges: Range[]): void {
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const from = bits.before ? Math.max(0, at - 1) : at;
    let end = at + wanted.length;
    if (bits.after) end += BASE64_END.exec(text.slice(end, end + 3))![0].length;
    ranges.push([origin(from), origin(end)]);
  }
}

function findBeginning({ text, origin }: View, spellings: readonly Spelling[], ranges: Range[]): void {
  // Limits the expression, which tries every start of the text, to the end.
  const tail = text.slice(-LONGEST_CUT_ESCAPE);
  const whole = text.length - tail.length + tail.replace(CUT_ESCAPE, '').length;
  for (const end of new Set([text.length, whole]))
    for (const { text: wanted, bits } of spellings) {
      const last = text.charCodeAt(end - 1);
      for (let length = Math.min(wanted.length - 1, end); length >= MIN_LENGTH; length--)
        if (wanted.charCodeAt(length - 1) === last && text.endsWith(wanted.slice(0, length), end)) {
          ranges.push([origin(Math.max(0, end - length - Number(bits.before))), origin(text.length)]);
          break;
        }
    }
}

function without(text: string, ranges: Range[], mark: string): string {
  const parts: string[] = [];
  let read = 0;
  for (const [from, end] of ranges.toSorted(([a], [b]) => a - b)) {
    if (end <= read) continue;
    // A range that overlaps the previous one extends it.
    if (from >= read) parts.push(text.slice(read, from), mark);
    read = end;
  }
  parts.push(text.slice(read));
  return parts.join('');
}
