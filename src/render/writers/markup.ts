import { clean, sentence } from '../layout/clean.ts';

/** Texts of others inside Markdown and XML: shown as they are, and never taken for markup. */

/** What Markdown of any flavour, and GitHub's mathematics, may take for markup inside a line. */
const MARKUP = /[\\`*_{}[\]<>#|~!$]/g;

/** A sentence that may quote others, as one line of Markdown: nobody is mentioned by it, and nothing in it is a link. */
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

/** A name, path or condition, letter for letter: in a code span nothing is markup, a mention or a link. */
export function markdownCode(text: string): string {
  const safe = clean(text);
  if (safe === '') return '–';
  // Table cells end at a bar even within a code span.
  if (!/[`|\\]/.test(safe)) return `\`${safe}\``;
  const entities = safe.replaceAll(/[^\p{L}\p{N} ]/gu, (sign) => `&#${sign.codePointAt(0)!};`);
  return `<code>${entities}</code>`;
}

/** A Markdown table; the cells are Markdown already. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = aligns.map((align) => (align === 'right' ? '---:' : '---'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Not characters of XML 1.0 at all, not even as references. */
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

/** Text of an XML element or attribute. */
export const xmlText = (text: string): string =>
  clean(text)
    .replaceAll(NO_XML, ' ')
    .replaceAll(/[&<>"']/g, (sign) => ENTITIES.get(sign)!);
