import type { Session, Turn } from './model/session.ts';

/** A session of rows that may have more turns. */
interface OpenSession extends Session {
  turns: Turn[];
}

/**
 * Joins the rows of one session in the order of the file, at the position of the first. Sessions after one that may continue wait for the end
 * of the file, so a file whose rows name no sessions is not kept in memory.
 */
export class RowSessions {
  readonly #open = new Map<string, OpenSession>();
  #waiting: Session[] = [];

  /** Returns the sessions that are complete with this row. */
  add(session: Session, isRow: boolean): readonly Session[] {
    const id = isRow ? session.session : null;
    const known = id === null ? undefined : this.#open.get(id);
    if (known !== undefined) {
      known.turns.push(...session.turns);
      return [];
    }
    if (id !== null) {
      const open = { ...session, turns: [...session.turns] };
      this.#open.set(id, open);
      this.#waiting.push(open);
      return [];
    }
    if (this.#open.size === 0) return [session];
    this.#waiting.push(session);
    return [];
  }

  /** Returns the sessions that waited, at the end of the file. */
  finish(): readonly Session[] {
    const all = this.#waiting;
    this.#waiting = [];
    this.#open.clear();
    return all;
  }
}
