import { describe, expect, it } from 'vitest';
import { renderJson } from '../../src/render/writers/json.ts';
import { failing } from './reports.ts';

describe('renderJson', () => {
  it('is indented by two spaces, in the given order, with a newline at the end', () => {
    expect(renderJson({ b: 1, a: { z: [1, null], y: 'x' } })).toBe(
      '{\n  "b": 1,\n  "a": {\n    "z": [\n      1,\n      null\n    ],\n    "y": "x"\n  }\n}\n',
    );
  });

  it('parses to the same document', () => {
    const { report } = failing();
    expect(JSON.parse(renderJson(report))).toEqual(report);
  });

  it('never prints a number that is not finite', () => {
    expect(JSON.parse(renderJson({ a: NaN, b: Infinity, c: -Infinity, d: -0 }))).toEqual({
      a: null,
      b: null,
      c: null,
      d: 0,
    });
  });

  it('passes no control character to a terminal, and the same string to a parser', () => {
    const message = 'a\x1b[2J\u009b31m\x7f\u202eb\u2028c模型';
    const text = renderJson({ message });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(text)).toEqual({ message });
    expect(text).toContain('模型');
  });
});
