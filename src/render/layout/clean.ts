import { stripVTControlCharacters } from 'node:util';

/**
 * Control and format characters, line separators, lone surrogates, private use, variation selectors. They include escape
 * and its 8-bit equivalents, and the bidirectional overrides, with which a terminal shows a text in another order.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\ufe00-\ufe0f]/gu;

/** Signs in goodput's own sentences, with their ASCII replacements. Names and messages from others are not replaced. */
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

/** Words of printable ASCII, as almost every text has. */
const CLEAN = /^[!-~]+(?: [!-~]+)*$/;

/**
 * Returns an external text (a server's message, a model's name, a path) made safe for one line of a terminal: without escape
 * sequences, other control characters and runs of white space replaced by one space.
 */
export function clean(text: string): string {
  if (CLEAN.test(text)) return text;
  return stripVTControlCharacters(text).replaceAll(UNSAFE, ' ').replaceAll(/\s+/gu, ' ').trim();
}

/** Returns a sentence of goodput, which may quote external texts, made safe; with ASCII typography if `unicode` is false. */
export function sentence(text: string, unicode: boolean): string {
  const safe = clean(text);
  return unicode ? safe : safe.replaceAll(TYPOGRAPHIC, (sign) => TYPOGRAPHY.get(sign) ?? sign);
}
