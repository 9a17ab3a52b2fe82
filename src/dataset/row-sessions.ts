import type { Session, Turn } from './model/session.ts';

/** A session of rows that may have more turns. */
interface OpenSession extends Session {
  turns: Turn[];
  /** The rows that are still to come; infinite if nobody counted them. */
  left: number;
}

/**
 * Joins the rows of one session in the order of the file, at the position of the first. A session waits until its last row, and later sessions
 * wait for it. With the number of rows of each session, only sessions that overlap are in memory.
 */
export class RowSessions {
  readonly #counts: ReadonlyMap<string, number> | null;
  readonly #open = new Map<string, OpenSession>();
  /** Sessions in order, from the first that waits. */
  #waiting: (Session | OpenSession)[] = [];

  /** @param counts the rows of each session; `null`: unknown, so that a session may continue until the end of the file */
  constructor(counts: ReadonlyMap<string, number> | null) {
    this.#counts = counts;
  }

  /** Returns the sessions that are complete with this row. */
  add(session: Session, isRow: boolean): readonly Session[] {
    const id = isRow ? session.session : null;
    if (id === null) {
      if (this.#open.size === 0) return [session];
      this.#waiting.push(session);
      return [];
    }
    let open = this.#open.get(id);
    if (open === undefined) {
      open = { ...session, turns: [...session.turns], left: this.#counts?.get(id) ?? Infinity };
      this.#open.set(id, open);
      this.#waiting.push(open);
    } else open.turns.push(...session.turns);
    open.left--;
    if (open.left > 0) return [];
    this.#open.delete(id);
    return this.#complete();
  }

  /** Returns the sessions that waited, at the end of the file. */
  finish(): readonly Session[] {
    this.#open.clear();
    return this.#complete();
  }

  /** Returns the first sessions up to one that may continue. */
  #complete(): Session[] {
    const isOpen = (session: Session): boolean =>
      session.session !== null && this.#open.get(session.session) === session;
    const first = this.#open.size === 0 ? -1 : this.#waiting.findIndex(isOpen);
    const complete = first === -1 ? this.#waiting : this.#waiting.slice(0, first);
    this.#waiting = first === -1 ? [] : this.#waiting.slice(first);
    return complete.map(({ session, timestamp_ms, tags, turns }) => ({ session, timestamp_ms, tags, turns }));
  }
}
