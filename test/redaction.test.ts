import { describe, expect, test } from 'vitest';
import { randomStream } from '../src/random.ts';
import { redactorOf } from '../src/redaction.ts';

const MARK = '[redacted]';
const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
const units = (text: string): number[] => Array.from({ length: text.length }, (_, k) => text.charCodeAt(k));
const points = (text: string): number[] => Array.from(text, (each) => each.codePointAt(0)!);

/** How servers write what they were sent, each by its own rules. */
const TEXT_WRITERS: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  JSON: (text) => JSON.stringify(text).slice(1, -1),
  'JSON of PHP': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'JSON of .NET': (text) =>
    units(text)
      .map((unit) =>
        /[a-zA-Z0-9 ]/.test(String.fromCharCode(unit))
          ? String.fromCharCode(unit)
          : `\\u${hex(unit, 4).toUpperCase()}`,
      )
      .join(''),
  'JSON, every character escaped': (text) =>
    units(text)
      .map((unit) => `\\u${hex(unit, 4)}`)
      .join(''),
  'a JavaScript string': (text) =>
    points(text)
      .map((point) => `\\u{${hex(point, 1)}}`)
      .join(''),
  'a URL': (text) => encodeURIComponent(text),
  'a URL in small letters': (text) =>
    encodeURIComponent(text).replaceAll(/%../g, (each) => each.toLowerCase()),
  'a URL, every byte escaped': (text) => Array.from(Buffer.from(text), (byte) => `%${hex(byte, 2)}`).join(''),
  'a form': (text) => new URLSearchParams([['k', text]]).toString().slice(2),
  'HTML in decimal': (text) =>
    points(text)
      .map((point) => `&#${point};`)
      .join(''),
  'HTML in hex': (text) =>
    points(text)
      .map((point) => `&#x${hex(point, 1)};`)
      .join(''),
  'HTML with leading zeros': (text) =>
    points(text)
      .map((point) => `&#X${hex(point, 6).toUpperCase()};`)
      .join(''),
  'HTML with names': (text) =>
    text.replaceAll(
      /[&<>"'+/=_]/g,
      (each) =>
        `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos', '+': 'plus', '/': 'sol', '=': 'equals', _: 'lowbar' }[each]};`,
    ),
};

/** These write bytes for characters, so that what follows writes other characters. */
const BYTE_WRITERS: Record<string, (text: string) => string> = {
  'an access log': (text) =>
    Array.from(Buffer.from(text).toString('latin1'), (each) =>
      /[\w.-]/.test(each) ? each : `\\x${hex(each.charCodeAt(0), 2).toUpperCase()}`,
    ).join(''),
  'bytes as latin1': (text) => Buffer.from(text).toString('latin1'),
};

const ALPHABET = Array.from('abcXYZ0189-_.+/=&<>"\'\\%;:#@ é日😀');

function randomSecret(i: number): string {
  const random = randomStream(7, 'secrets', i);
  const middle = Array.from({ length: 10 }, () => ALPHABET[random.below(ALPHABET.length)]!).join('');
  // White space around a value is never sent.
  return `k${middle}9`;
}

const SECRETS = [
  'sk-ab+cd/ef==',
  'a\\u002bb%2Bc&#43;d',
  ...Array.from({ length: 300 }, (_, i) => randomSecret(i)),
];

describe.each(Object.entries({ ...TEXT_WRITERS, ...BYTE_WRITERS }))('a secret written in %s', (_, write) => {
  test('is replaced, and nothing else', () => {
    for (const secret of SECRETS)
      expect([secret, redactorOf([secret], MARK)(`no <${write(secret)}>, 100% & more`)]).toEqual([
        secret,
        `no <${MARK}>, 100% & more`,
      ]);
  });

  test.each(Object.entries(TEXT_WRITERS))('encoded again in %s', (_, again) => {
    for (const secret of SECRETS.slice(0, 40))
      expect([secret, redactorOf([secret], MARK)(`<${again(write(secret))}>`)]).toEqual([
        secret,
        `<${MARK}>`,
      ]);
  });
});

describe('base64', () => {
  const secret = 'sk-ab+cd/ef?>~é';
  const redact = redactorOf([secret], MARK);

  test.each(['base64', 'base64url'] as const)('%s of only the secret', (coding) => {
    expect(redact(`got ${Buffer.from(secret).toString(coding)}.`)).toBe(`got ${MARK}.`);
  });

  test.each(['', 'a', 'ab', 'abc', 'user:'])(
    'after "%s" and before other bytes, no bit of it stays',
    (before) => {
      for (const after of ['', '!', '!!', '!!!']) {
        const said = redact(`<${Buffer.from(`${before}${secret}${after}`).toString('base64')}>`);
        // The bytes around a secret stay.
        const [head, tail] = said.slice(1, -1).split(MARK);
        expect([head, tail]).not.toContain(undefined);
        expect(Buffer.from(before).toString('base64').startsWith(head!)).toBe(true);
        expect(tail!.replaceAll('=', '').length).toBeLessThanOrEqual(Math.ceil((after.length * 4) / 3));
      }
    },
  );

  test('also escaped', () => {
    expect(redact(`<${encodeURIComponent(Buffer.from(secret).toString('base64'))}>`)).toBe(`<${MARK}>`);
  });
});

test('several secrets, several times, in different encodings', () => {
  const redact = redactorOf(['first/secret', 'second+secret'], MARK);
  expect(redact('a first/secret b first\\/secret c second%2bsecret d second&#43;secret second secret')).toBe(
    `a ${MARK} b ${MARK} c ${MARK} d ${MARK} second secret`,
  );
});

test('overlapping secrets are replaced completely', () => {
  expect(redactorOf(['abcdef', 'defghi'], MARK)('<abcdefghi>')).toBe(`<${MARK}>`);
});

test('a text without a secret is unchanged, including its escapes', () => {
  const text = 'C:\\new\\x41 100%25 &amp; &unknown; &#99999999; &constructor; %E9 %ff%fe %u0041 \\';
  expect(redactorOf(['some-secret'], MARK)(text)).toBe(text);
});

test.each(['', 'a', 'abc'])('"%s" is too short to be replaced', (secret) => {
  expect(redactorOf([secret], MARK)('abc abcd YWJj')).toBe('abc abcd YWJj');
});

test.each<[string, string]>([
  ['in the middle of the secret', 'sk-ab%2Bcd'],
  ['in the middle of an escape of a URL', 'sk-ab%2Bcd%2'],
  ['in the middle of an escape of JSON', 'sk-ab\\u002bcd\\u00'],
  ['after a backslash', 'sk-ab+cd\\'],
  ['in the middle of an entity', 'sk-ab&#43;cd&#4'],
  ['in the middle of base64', Buffer.from('Bearer sk-ab+cd/ef==').toString('base64').slice(0, 20)],
])('a long text that was cut %s does not end with the beginning of the secret', (_, end) => {
  const before = '. '.repeat(150);
  const said = redactorOf(['sk-ab+cd/ef=='], MARK)(before + end);
  expect(said.startsWith(before)).toBe(true);
  expect(said.endsWith(MARK)).toBe(true);
  expect(said.slice(before.length)).not.toContain('ab');
});
