/** HTML as a type: a template escapes every text, and only other HTML stays as it is. */

/** Characters that change the order of a text, or that no text of a page needs: control characters and bidirectional overrides. */
const UNSAFE = /(?![\t\n])[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/gu;

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** A piece of HTML. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = Html | string | number | readonly Content[];

export const NOTHING = new Html('');

/** Returns a text as HTML, also within a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(UNSAFE, ' ').replaceAll(/[&<>"']/g, (sign) => ENTITIES.get(sign)!);

const markupOf = (content: Content): string => {
  if (content instanceof Html) return content.markup;
  if (typeof content === 'string') return escapeHtml(content);
  return typeof content === 'number' ? String(content) : content.map(markupOf).join('');
};

/** The parts of each template, without the indentation of the source. */
const PARTS = new WeakMap<TemplateStringsArray, readonly string[]>();

function partsOf(template: TemplateStringsArray): readonly string[] {
  const known = PARTS.get(template);
  if (known !== undefined) return known;
  const parts = template.map((part) => part.replaceAll(/\n\s*/g, '\n'));
  PARTS.set(template, parts);
  return parts;
}

/** Makes HTML of a template; a string in it is text. */
export const html = (template: TemplateStringsArray, ...contents: Content[]): Html =>
  new Html(
    partsOf(template)
      .map((part, at) => part + (at < contents.length ? markupOf(contents[at]!) : ''))
      .join(''),
  );

/** Returns a value as JSON that cannot end the script element it stands in, nor begin another. */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll(
      /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
      (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
