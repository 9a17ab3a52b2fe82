import { describe, expect, it } from 'vitest';
import { GoodputError } from '../../src/errors.ts';
import { renderError } from '../../src/render/error-text.ts';

const plain = { color: false, unicode: true, width: 80 };

describe('renderError', () => {
  it('says what is wrong, then the hint', () => {
    const error = new GoodputError('usage', 'unknown flag --rat', { hint: 'did you mean --rate?' });
    expect(renderError(error, plain)).toBe('error: unknown flag --rat\n  hint: did you mean --rate?\n');
  });

  it('has no hint line without a hint', () => {
    expect(renderError(new GoodputError('io', 'disk full'), plain)).toBe('error: disk full\n');
  });

  it('keeps every mistake on a line of its own, however long', () => {
    const long = `a.yaml:3:7: ${'x'.repeat(120)}`;
    const error = new GoodputError('usage', `2 mistakes\na.yaml:1:1: unknown key\r\n${long}\n`);
    expect(renderError(error, plain)).toBe(`error: 2 mistakes\n  a.yaml:1:1: unknown key\n  ${long}\n`);
  });

  it('removes escape sequences of external texts', () => {
    const error = new GoodputError('usage', 'bad url \x1b[2Jhttp://x\u009b1m', {
      hint: 'see \x1b]0;owned\x07this',
    });
    expect(renderError(error, plain)).toBe('error: bad url http://x\n  hint: see this\n');
  });

  it('colours only the words error and hint', () => {
    const error = new GoodputError('usage', 'no such file', { hint: 'look' });
    expect(renderError(error, { ...plain, color: true })).toBe(
      '\x1b[1m\x1b[31merror:\x1b[39m\x1b[22m no such file\n  \x1b[1mhint:\x1b[22m look\n',
    );
  });
});
