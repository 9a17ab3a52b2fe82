import { describe, expect, it } from 'vitest';
import { openPage, styleOf } from '../../src/render/layout/style.ts';

const terminal = { isTTY: true, columns: 120 };
const pipe = {};
const wanted = { color: true };

describe('styleOf', () => {
  it.each<[string, object, Record<string, string>, boolean, boolean]>([
    ['a terminal', terminal, {}, true, true],
    ['a pipe', pipe, {}, true, false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR is none', terminal, { NO_COLOR: '' }, true, true],
    ['FORCE_COLOR in a pipe', pipe, { FORCE_COLOR: '1' }, true, true],
    ['FORCE_COLOR, empty', pipe, { FORCE_COLOR: '' }, true, true],
    ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, true, false],
    ['FORCE_COLOR=false', terminal, { FORCE_COLOR: 'false' }, true, false],
    ['NO_COLOR against FORCE_COLOR', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['--no-color against FORCE_COLOR', terminal, { FORCE_COLOR: '1' }, false, false],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, true, false],
  ])('colour: %s', (_, outlet, env, color, expected) => {
    expect(styleOf(outlet, env, { color }).color).toBe(expected);
  });

  it.each<[Record<string, string>, boolean]>([
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'en_US.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{}, false],
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false],
    [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, true],
    [{ WT_SESSION: 'x' }, true],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, false],
  ])('signs beyond ASCII: %j', (env, expected) => {
    expect(styleOf(terminal, env, wanted).unicode).toBe(expected);
  });

  it('has the width of a terminal, or 80 columns without one', () => {
    expect(styleOf(terminal, {}, wanted).width).toBe(120);
    expect(styleOf({ isTTY: true, columns: 0 }, {}, wanted).width).toBe(80);
    expect(styleOf({ columns: 200 }, {}, wanted).width).toBe(80);
  });
});

describe('openPage', () => {
  it.each([
    [20, 60],
    [80, 80],
    [99.7, 99],
    [250, 100],
  ])('draws %d columns as %d', (width, drawn) => {
    expect(openPage({ color: false, unicode: true, width }).width).toBe(drawn);
  });
});
