import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { columns, entry, hanging } from '../../src/render/layout/layout.ts';
import { displayWidth, truncate, wrap } from '../../src/render/layout/wrap.ts';
import { openPage } from '../../src/render/layout/style.ts';

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['≥ 312 –', 7],
    ['✓ ✗ • …', 7],
    ['模型', 4],
    ['ﾊﾛｰ', 3],
    ['ｆｕｌｌ', 8],
    ['e\u0301', 1],
    ['한국어', 6],
    ['🚀', 2],
    ['\x1b[1mbold\x1b[22m', 4],
  ])('%j takes %d', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('truncate', () => {
  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['two words', 5, 'two…'],
    ['模型模型', 5, '模型…'],
    ['模型模型', 4, '模…'],
  ])('%j to %d is %j', (text, width, expected) => {
    expect(truncate(text, width, '…')).toBe(expected);
  });
});

describe('wrap', () => {
  it.each([
    ['', 5, ['']],
    ['one two', 7, ['one two']],
    ['one two', 6, ['one', 'two']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['a bcdefgh i', 4, ['a', 'bcde', 'fgh', 'i']],
    ['模型模型', 5, ['模型', '模型']],
    ['at 12 ms off', 6, ['at', '12 ms', 'off']],
    ['12.5 req/s, 3 sets', 6, ['12.5 r', 'eq/s,', '3 sets']],
    ['\x1b[1mone\x1b[22m two', 7, ['\x1b[1mone\x1b[22m two']],
  ])('%j at %d', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it('loses no character, and no line is too wide, for any text', () => {
    const random = randomStream(3, 'layout');
    for (let i = 0; i < 2000; i++) {
      const words = Array.from({ length: 1 + random.below(12) }, () => 'x'.repeat(1 + random.below(30)));
      const width = 1 + random.below(40);
      const lines = wrap(words.join(' '), width);
      expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
  });
});

const page = openPage({ color: false, unicode: true, width: 60 });

describe('entry and hanging', () => {
  it('indent the lines after the first', () => {
    const words = Array.from({ length: 14 }, (_, i) => `word${i % 10}`).join(' ');
    expect(entry('Load', words, page)).toEqual([
      'Load        word0 word1 word2 word3 word4 word5 word6 word7',
      '            word8 word9 word0 word1 word2 word3',
    ]);
    expect(hanging('• ', `${'x'.repeat(58)} y`, page)).toEqual([`• ${'x'.repeat(58)}`, '  y']);
  });
});

describe('columns', () => {
  it('are aligned without borders, also with colour', () => {
    const rows = [
      ['name', 'p50', ''],
      ['\x1b[1mttft\x1b[22m', '≥ 312', 'x'],
    ];
    expect(columns(rows, ['left', 'right', 'left'])).toEqual([
      'name    p50',
      '\x1b[1mttft\x1b[22m  ≥ 312  x',
    ]);
  });
});
