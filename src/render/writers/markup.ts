import { clean, sentence } from '../layout/clean.ts';

/** External texts in Markdown and XML: shown as they are, and never interpreted as markup. */

/** Characters that Markdown of any flavour, or GitHub's mathematics, may interpret as markup within a line. */
const MARKUP = /[\\`*_{}[\]<>#|~!$]/g;

/** Returns a sentence, which may quote external texts, as one line of Markdown without mentions and links. */
export function markdownSentence(text: string): string {
  return sentence(text, true)
    .replaceAll('&', '&amp;')
    .replaceAll(MARKUP, String.raw`\$&`)
    .replaceAll('@', '@&#8203;')
    .replaceAll(/(https?|ftp):/gi, '$1&#58;')
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, -1)}&#46;`)
    .replace(/^([-+])/, String.raw`\$1`)
    .replace(/^(\d+)([.)])(?= |$)/, String.raw`$1\$2`);
}

/** Returns a name, path or condition as a code span, in which nothing is markup, a mention or a link. */
export function markdownCode(text: string): string {
  const safe = clean(text);
  if (safe === '') return '–';
  // A bar ends a table cell even within a code span.
  if (!/[`|\\]/.test(safe)) return `\`${safe}\``;
  const entities = safe.replaceAll(/[^\p{L}\p{N} ]/gu, (sign) => `&#${sign.codePointAt(0)!};`);
  return `<code>${entities}</code>`;
}

/** Returns a Markdown table; the cells are already Markdown. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = aligns.map((align) => (align === 'right' ? '---:' : '---'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Characters that XML 1.0 does not allow, not even as references. */
const NO_XML = /[\ufffe\uffff]/g;
const ENTITIES = new Map(
  Object.entries({
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  }),
);

/** Returns the escaped text of an XML element or attribute. */
export const xmlText = (text: string): string =>
  clean(text)
    .replaceAll(NO_XML, ' ')
    .replaceAll(/[&<>"']/g, (sign) => ENTITIES.get(sign)!);
