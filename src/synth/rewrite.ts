import { mapTexts } from '../dataset/model/map-texts.ts';
import { type Message, type Session, sessionText } from '../dataset/model/session.ts';
import { languageOf } from '../dataset/text/language.ts';
import { normalForm } from '../dataset/text/normal-form.ts';
import { childOf, promptSession, withMessages } from './made-session.ts';

/** Why no session can be made of a parent. */
export class Unusable extends Error {}

/**
 * Asks an endpoint about a text.
 * @returns the answer, never empty
 * @throws {Unusable} if the endpoint refuses the question, or its answer is not complete
 */
export type AskAbout = (instruction: string, text: string) => Promise<string>;

/** A way to make new sessions from a session by asking an endpoint. */
export interface Rewriting {
  /** The sessions made of one parent, at most. */
  perParent: number;
  /**
   * Makes the new sessions of a parent.
   * @throws {Unusable} if none can be made
   */
  make(parent: Session, id: string, ask: AskAbout): Promise<Session[]>;
}

/** Words the texts of the user differently, `versions` times. */
export const paraphrase = (versions: number): Rewriting => ({
  perParent: versions,
  async make(parent, id, ask) {
    const known = new Set([normalForm(sessionText(parent)!)]);
    const made: Session[] = [];
    for (let version = 1; version <= versions; version++) {
      const other =
        versions === 1 ? '' : ` This is version ${version} of ${versions}: make it differ from the others.`;
      const rewritten = await rewrite(parent, (text) =>
        ask(
          `Rewrite the text below in other words. Keep its meaning, its language, and every name and number.${other} Answer with the new text only.`,
          text,
        ),
      );
      const child = childOf(parent, id, rewritten, version);
      const form = normalForm(sessionText(child)!);
      if (!known.has(form)) made.push(child);
      known.add(form);
    }
    if (made.length === 0) throw new Unusable('every answer repeats the text');
    return made;
  },
});

/** Translates the texts of the user into another language and back. */
export const backTranslate = (language: string): Rewriting => ({
  perParent: 1,
  async make(parent, id, ask) {
    const text = sessionText(parent)!;
    const tag = parent.tags['language'] ?? parent.turns[0]!.tags['language'] ?? languageOf(text);
    const own = languageName(tag === 'und' ? 'en' : tag);
    const other = languageName(language);
    if (own === other) throw new Unusable(`its language is ${own}`);
    const rewritten = await rewrite(parent, async (each) => {
      const translated = await ask(
        `Translate the text below into ${other}. Answer with the translation only.`,
        each,
      );
      return ask(`Translate the text below into ${own}. Answer with the translation only.`, translated);
    });
    const child = childOf(parent, id, rewritten, null);
    if (normalForm(sessionText(child)!) === normalForm(text))
      throw new Unusable('the answer repeats the text');
    return [child];
  },
});

/** Adds to each document an instruction about it. */
export const instruct: Rewriting = {
  perParent: 1,
  async make(parent, id, ask) {
    const text = sessionText(parent)!;
    const instruction = await ask(
      'Write one instruction that a user could give about the document below, and that the document alone is enough to carry out. Use its language. Answer with the instruction only.',
      text,
    );
    const { session, timestamp_ms, tags } = parent;
    return [
      { ...promptSession(`${text}\n\n${instruction}`, { ...tags, parent: id }), session, timestamp_ms },
    ];
  },
};

/** Returns the English name of a language code; any other text as it is. */
export function languageName(language: string): string {
  if (!/^[a-z]{2,3}(?:-[a-z0-9]+)*$/i.test(language)) return language;
  return new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language;
}

/** Returns the turns of a session with the texts of the user's messages replaced. */
async function rewrite(
  { turns }: Session,
  ask: (text: string) => Promise<string>,
): Promise<Session['turns']> {
  const rewritten: Session['turns'][number][] = [];
  for (const turn of turns) {
    const messages: Message[] = [];
    for (const message of turn.messages!) messages.push(await rewriteMessage(message, ask));
    rewritten.push(withMessages(turn, messages));
  }
  return rewritten;
}

async function rewriteMessage(message: Message, ask: (text: string) => Promise<string>): Promise<Message> {
  if (message.role !== 'user') return message;
  const texts: string[] = [];
  mapTexts(message, (text) => {
    texts.push(text);
    return text;
  });
  const answers: string[] = [];
  for (const text of texts) answers.push(text.trim() === '' ? text : await ask(text));
  return mapTexts(message, () => answers.shift()!);
}
