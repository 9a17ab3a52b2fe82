import { EMPTY_TURN, type Message, type Session, type Turn } from '../dataset/model/session.ts';

/** Returns the id of a session for the tag `parent`: its name, or its source and its number among all records, from 0. */
export const parentId = ({ session, tags }: Session, record: number): string =>
  session ?? `${tags['source'] ?? ''}#${record}`;

/**
 * Returns a session that was made from another, with the other's id as its tag `parent`.
 * @param version distinguishes several of one parent, from 1; `null`: there is one
 */
export function childOf(
  parent: Session,
  id: string,
  turns: readonly Turn[],
  version: number | null,
): Session {
  const { session, timestamp_ms, tags } = parent;
  return {
    session: session === null || version === null ? session : `${session}-${version}`,
    timestamp_ms,
    tags: { ...tags, parent: id },
    turns,
  };
}

/** Returns a session of one turn with one message of the user. */
export const promptSession = (content: string, tags: Session['tags'], turn: Partial<Turn> = {}): Session => ({
  session: null,
  timestamp_ms: null,
  tags,
  turns: [{ ...EMPTY_TURN, messages: [{ role: 'user', content }], ...turn }],
});

/** Returns a turn with other messages. */
export const withMessages = (turn: Turn, messages: readonly Message[] | null): Turn => ({
  ...turn,
  messages,
});
