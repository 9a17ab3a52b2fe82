import { describe, expect, it } from 'vitest';
import { clean, sentence } from '../../src/render/layout/clean.ts';

describe('clean', () => {
  it.each([
    ['colour', '\x1b[31mred\x1b[0m', 'red'],
    ['clear screen', 'a\x1b[2Jb', 'ab'],
    ['window title', '\x1b]0;owned\x07text', 'text'],
    ['hyperlink', '\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\', 'click'],
    ['8-bit CSI', 'a\u009b31mb', 'ab'],
    ['a lone escape', 'a\x1b', 'a'],
    ['carriage return', 'good\rbad', 'good bad'],
    ['lines and tabs', 'one\n\ttwo\v three', 'one two three'],
    ['backspace and delete', 'a\b\x7fb', 'a b'],
    ['right-to-left override', 'abc\u202edef\u202c', 'abc def'],
    ['isolates', '\u2066x\u2069', 'x'],
    ['zero width', 'a\u200bb', 'a b'],
    ['lone surrogate', 'a\ud800b', 'a b'],
    ['other scripts stay', 'Запрос 模型 é', 'Запрос 模型 é'],
    ['typography of others stays', 'limit ≤ 5 — “really”', 'limit ≤ 5 — “really”'],
  ])('%s', (_, text, expected) => {
    expect(clean(text)).toBe(expected);
  });
});

describe('sentence', () => {
  it('is cleaned, and ASCII on request', () => {
    const text = '7 % above — p99 ≥ 5 µs,\x1b[1m “quoted” … 2×3';
    expect(sentence(text, true)).toBe('7 % above — p99 ≥ 5 µs, “quoted” … 2×3');
    expect(sentence(text, false)).toBe('7 % above - p99 >= 5 us, "quoted" ... 2x3');
  });
});
