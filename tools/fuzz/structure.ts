import type { Random } from '../../src/random.ts';

/** Keys that every object inherits, and other names that code may look for. */
export const NAMES: readonly string[] = [
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'length',
  'then',
  'toJSON',
];

/** Values in JSON, or nearly so, that may confuse readers of JSON. */
const VALUES: readonly string[] = [
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e308',
  '1e999',
  '4294967295',
  '1099511627775',
  '9007199254740991',
  '9007199254740993',
  '1e-7',
  '01',
  'NaN',
  '"1"',
  '" "',
  '"\\ud800"',
  '"\\u0000"',
  '"\\u2028"',
  '[[[[[[]]]]]]',
  '[null]',
  '{"toString":1,"valueOf":1,"toJSON":1}',
  '{"length":4294967295}',
  `${'['.repeat(200)}${']'.repeat(200)}`,
  `"${'x'.repeat(5000)}"`,
  ...NAMES.flatMap((name) => [`"${name}"`, `{"${name}":{"${name}":1}}`]),
];

/** White space, allowed around JSON or not. */
const SPACES = [' ', '\t', '\r', '\uFEFF', '\u00A0', '\v', '\f', '\u2028', '\u3000', '\0'];

const pick = <T>(list: readonly T[], random: Random): T => list[random.below(list.length)]!;

/** Changes one to three things in the events of a stream; other bodies stay unchanged. */
export function restructured(body: Buffer, random: Random): Buffer {
  const events = body.toString('latin1').split(/(?<=\n\n)/);
  for (let left = 1 + random.below(3); left > 0; left--) change(events, random);
  return Buffer.from(events.join(''), 'latin1');
}

function change(events: string[], random: Random): void {
  if (events.length === 0) return;
  const at = random.below(events.length);
  const event = events[at]!;
  switch (random.below(9)) {
    case 0:
      events.splice(at, 1);
      break;
    case 1:
      events.splice(at, 0, ...Array.from({ length: 1 + random.below(3) }, () => event));
      break;
    case 2: {
      const other = random.below(events.length);
      [events[at], events[other]] = [events[other]!, event];
      break;
    }
    case 3:
      events[at] = event.slice(0, random.below(event.length + 1));
      break;
    case 4: {
      // The white space is text, and the body is bytes.
      const space = Buffer.from(pick(SPACES, random)).toString('latin1');
      events[at] =
        random.below(2) === 0 ? event.replace(/^(data: ?)/m, `$1${space}`) : event.replace(/$/m, () => space);
      break;
    }
    case 5:
      events[at] = `event: ${pick(NAMES, random)}\n${event}`;
      break;
    default:
      events[at] = event.replace(
        /^(data: ?)(.*)$/m,
        (_, field: string, json: string) => field + changedJson(json, random),
      );
  }
}

/** Replaces one value or key of a document, as text, by another. */
function changedJson(json: string, random: Random): string {
  const tokens = [...json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*|true|false|null|\{|\[/g)];
  if (tokens.length === 0) return json;
  const token = pick(tokens, random);
  const [written, colon] = token;
  const end = token.index + written.length;
  const put = (text: string): string => json.slice(0, token.index) + text + json.slice(end);
  if (colon !== undefined) {
    const value = pick(VALUES, random);
    return random.below(2) === 0
      ? put(`"${pick(NAMES, random)}":`)
      : put(`"${pick(NAMES, random)}":${value},${written}`);
  }
  if (written === '{') return put(`{"${pick(NAMES, random)}":${pick(VALUES, random)},`);
  if (written === '[') return put(`[${pick(VALUES, random)},`);
  return put(pick(VALUES, random));
}
