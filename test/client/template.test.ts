import { describe, expect, test } from 'vitest';
import { Template } from '../../src/client/stream/template.ts';

const match = (template: Template, text: string | Buffer, start = 0): number =>
  template.match(Buffer.from(text), start);

describe('a string hole', () => {
  const template = new Template(['data: {"a":"', '"}\n\n'], ['string']);
  const event = (inside: string | Buffer): Buffer =>
    Buffer.concat([Buffer.from('data: {"a":"'), Buffer.from(inside), Buffer.from('"}\n\n')]);

  test.each([
    ['nothing', '', 0],
    ['words', 'two words', 9],
    ['every escape', String.raw`\"\\\/\b\f\n\r\t\u00e9`, 22],
    ['a lone surrogate, which JSON.parse takes too', String.raw`\ud800`, 6],
    ['other scripts', '日本', 6],
    ['DEL', '\u007F', 1],
    ['a backslash before the end', String.raw`\\`, 2],
  ])('%s', (_, inside, length) => {
    expect(JSON.parse(`"${inside}"`)).toBeTypeOf('string');
    expect(match(template, event(inside))).toBe(event(inside).length);
    expect(template.values).toEqual([length]);
  });

  test.each([
    ['a control character', '\t'],
    ['the end of a line', 'a\nb'],
    ['an unknown escape', String.raw`\x41`],
    ['a short escape', String.raw`\u12`],
    ['an escape of no hex digits', String.raw`\u12g4`],
    ['one that escapes the closing quote', 'a\\'],
  ])('not %s', (_, inside) => {
    expect(() => JSON.parse(`"${inside}"`) as unknown).toThrow(SyntaxError);
    expect(match(template, event(inside))).toBe(-1);
  });

  test('malformed UTF-8 is a character', () => {
    expect(match(template, event(Buffer.from([0xff, 0xe2, 0x82])))).toBe(19);
  });
});

describe('an integer hole', () => {
  const template = new Template(['{"n":', ',"m":', '}\n\n'], ['integer', 'integer']);

  test.each([
    ['0', '7', [0, 7]],
    ['999999999999999', '10', [999_999_999_999_999, 10]],
  ])('%s and %s', (n, m, values) => {
    const text = `{"n":${n},"m":${m}}\n\n`;
    expect(match(template, text)).toBe(text.length);
    expect(template.values).toEqual(values);
  });

  test.each(['', '-1', '01', '00', '1.5', '1e3', '1000000000000000', 'null', '"1"', ' 1', '1 '])(
    'not "%s"',
    (n) => {
      expect(match(template, `{"n":${n},"m":1}\n\n`)).toBe(-1);
      expect(match(template, `{"n":1,"m":${n}}\n\n`)).toBe(-1);
    },
  );
});

describe('the literals', () => {
  // Lengths with every remainder modulo four.
  const literals = ['data: {"id":"chatcmpl-1","t":"', '","x":', '}\n\n'];
  const template = new Template(literals, ['string', 'integer']);
  const event = `${literals[0]}text${literals[1]}12${literals[2]}`;

  test('must match in every byte', () => {
    for (let at = 0; at < event.length; at++) {
      const isHole = (at >= 30 && at < 34) || (at >= 40 && at < 42);
      if (isHole) continue;
      const other = Buffer.from(event);
      other[at]! ^= 1;
      expect([at, match(template, other)]).toEqual([at, -1]);
    }
  });

  test('incomplete bytes do not match', () => {
    // The bytes after the end would complete the match.
    const whole = Buffer.from(event);
    for (let length = 0; length < whole.length; length++)
      expect(match(template, whole.subarray(0, length))).toBe(-1);
    expect(match(template, whole)).toBe(whole.length);
  });

  test('the match begins at the given position, in any buffer', () => {
    const twice = Buffer.from(`x${event}${event}`);
    expect(template.match(twice, 1)).toBe(1 + event.length);
    expect(template.match(twice, 1 + event.length)).toBe(1 + 2 * event.length);
    expect(template.match(twice.subarray(1), 0)).toBe(event.length);
    expect(template.match(twice, 0)).toBe(-1);
  });
});
