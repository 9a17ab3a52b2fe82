import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../src/render/run/markdown.ts';
import { renderText } from '../../src/render/run/text.ts';
import { columnsOf } from './plain.ts';
import { randomJudged } from './random-report.ts';
import * as reports from './reports.ts';

const made = [
  ['passing', reports.passing],
  ['failing', reports.failing],
  ['dead', reports.dead],
  ['interrupted', reports.interrupted],
  ['simulated', reports.simulated],
] as const;

const terminal = { color: false, unicode: true, width: 80 };

describe('renderText', () => {
  it.each(made)('%s, for a terminal', async (name, report) => {
    await expect(renderText(report(), terminal)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it('failing, for an ASCII pipe', async () => {
    const text = renderText(reports.failing(), { ...terminal, unicode: false });
    await expect(text).toMatchFileSnapshot('golden/failing-ascii.txt');
  });

  it.each(made)('%s fits one screen', (name, report) => {
    const lines = renderText(report(), terminal).split('\n').length - 1;
    // The failing run has everything that a report can show.
    expect(lines).toBeLessThanOrEqual(name === 'failing' ? 60 : 48);
  });

  it.each(made)('%s is ASCII if Unicode is off', (_, report) => {
    const text = renderText(report(), { ...terminal, unicode: false });
    expect(text.replaceAll('\n', '')).toMatch(/^[ -~]*$/);
  });
});

describe('prefix reuse', () => {
  it.each([
    [{ planned: 0.374, counted: 0.371 }, ['37.4% planned', '37.1% counted']],
    [{ planned: 0.374, counted: null }, ['37.4% planned', 'no cached tokens']],
  ])('%j is in the text and in Markdown', (reuse, parts) => {
    const judged = reports.passing();
    const withReuse = { ...judged, report: { ...judged.report, reuse } };
    for (const text of [renderText(withReuse, terminal), renderMarkdown(withReuse)])
      for (const part of parts) expect(text.replaceAll(/\s+/g, ' ')).toContain(part);
  });
});

describe('any report', () => {
  const judged = Array.from({ length: 120 }, (_, seed) => randomJudged(seed));

  it.each([
    [60, true],
    [72, false],
    [80, true],
    [100, true],
  ])('no line is wider than a terminal of %d columns', (width, unicode) => {
    const lines = judged.flatMap((each) => renderText(each, { color: false, unicode, width }).split('\n'));
    expect(lines.length).toBeGreaterThan(30 * judged.length);
    expect(lines.filter((line) => columnsOf(line) > width)).toEqual([]);
  });

  it('differs with colour only by colour codes', () => {
    for (const each of judged) {
      const plain = renderText(each, terminal);
      const coloured = renderText(each, { ...terminal, color: true });
      expect(coloured).not.toBe(plain);
      expect(stripVTControlCharacters(coloured)).toBe(plain);
    }
  });

  it('no number is missing its meaning, and no line ends in blanks', () => {
    for (const each of judged) {
      const text = renderText(each, terminal);
      expect(text).not.toMatch(/NaN|undefined|Infinity|null|\[object/);
      expect(text).not.toMatch(/[ \t]\n|\n\n\n|\n\n$|\(\)/);
      expect(text).toMatch(/\n$/);
    }
  });

  it('never passes a control sequence of an external text to the terminal', () => {
    // The sequences of the five colours.
    const inks = /^\[(?:1|2|22|31|32|33|39)m/;
    for (const each of judged) {
      const plain = renderText(each, terminal).replaceAll('\n', '');
      expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|owned/u);
      const codes = renderText(each, { ...terminal, color: true })
        .split('\x1b')
        .slice(1);
      expect(codes.filter((code) => !inks.test(code))).toEqual([]);
    }
  });
});
