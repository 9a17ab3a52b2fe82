import { mapTexts } from '../model/map-texts.ts';
import type { Message, Session } from '../model/session.ts';
import { withoutPersonalData } from '../text/pii.ts';

export const CLEANERS = ['html', 'whitespace', 'pii'] as const;
export type Cleaner = (typeof CLEANERS)[number];

/** A tag or a comment of HTML. Its name is that of an element, so that `a < b` and `<T>` stay. */
const TAG =
  /<!--[^]*?-->|<\/?(?:a|abbr|b|blockquote|body|br|button|code|div|dd|dl|dt|em|font|form|h[1-6]|head|hr|html|i|iframe|img|input|label|li|link|meta|nav|ol|option|p|pre|script|section|select|small|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|title|tr|u|ul)(?:\s[^<>]*)?\/?>/gi;

/** Elements that separate lines. */
const BREAK = /<(?:br|\/p|\/div|\/li|\/tr|\/h[1-6])\b[^<>]*>/gi;

const ENTITIES = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', '#39': "'", '#34': '"' }),
);

export const hasHtml = (text: string): boolean => text.search(TAG) !== -1;

const withoutHtml = (text: string): string =>
  hasHtml(text)
    ? text
        .replaceAll(BREAK, '\n')
        .replaceAll(TAG, '')
        .replaceAll(/&(#39|#34|[a-z]{2,4});/g, (entity, name: string) => ENTITIES.get(name) ?? entity)
    : text;

/** Removes spaces at the ends of lines and of the text, repeated spaces within lines, and repeated blank lines. Indentation stays. */
const withEvenSpace = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+$/gmu, '')
    .replaceAll(/(?<=\S)[^\S\n]{2,}/gu, ' ')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replaceAll(/^\n+|\n+$/g, '');

const CLEAN: ReadonlyMap<Cleaner, (text: string) => string> = new Map([
  ['html', withoutHtml],
  ['whitespace', withEvenSpace],
  ['pii', withoutPersonalData],
]);

/** Returns the session with the texts of its messages and references repaired; the same session if there is nothing to repair. */
export function cleaned(session: Session, cleaner: Cleaner): Session {
  const clean = CLEAN.get(cleaner)!;
  let isChanged = false;
  const text = (value: string): string => {
    const found = clean(value);
    isChanged ||= found !== value;
    return found;
  };
  const message = (value: Message): Message => mapTexts(value, text);
  const turns = session.turns.map((turn) =>
    Object.assign({}, turn, {
      messages: turn.messages?.map(message) ?? null,
      reference:
        typeof turn.reference === 'string' ? text(turn.reference) : turn.reference && message(turn.reference),
    }),
  );
  return isChanged ? { ...session, turns } : session;
}
