import { stripVTControlCharacters } from 'node:util';

/**
 * Control and format characters, line separators, lone surrogates, private use, variation selectors. Among them: escape
 * and its 8-bit twins, and the bidirectional overrides that make a terminal show a text in another order than it has.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\ufe00-\ufe0f]/gu;

/** Signs that goodput's own sentences use, for terminals that know only ASCII. Names and messages of others stay as they are. */
const TYPOGRAPHY = new Map(
  Object.entries({
    '≤': '<=',
    '≥': '>=',
    '–': '-',
    '—': '-',
    '−': '-',
    '×': 'x',
    '÷': '/',
    '±': '+/-',
    '→': '->',
    '…': '...',
    '·': '-',
    '•': '*',
    µ: 'u',
    '‘': "'",
    '’': "'",
    '“': '"',
    '”': '"',
  }),
);
const TYPOGRAPHIC = new RegExp(`[${[...TYPOGRAPHY.keys()].join('')}]`, 'gu');

/**
 * A text that others wrote (a server's message, a model's name, a path), made safe for one line of a terminal: escape
 * sequences go whole, other controls become a space, runs of white space one.
 */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll(UNSAFE, ' ').replaceAll(/\s+/gu, ' ').trim();
}

/** A sentence of goodput's own, which may quote others: safe, and its typography ASCII where `unicode` is false. */
export function sentence(text: string, unicode: boolean): string {
  const safe = clean(text);
  return unicode ? safe : safe.replaceAll(TYPOGRAPHIC, (sign) => TYPOGRAPHY.get(sign) ?? sign);
}
