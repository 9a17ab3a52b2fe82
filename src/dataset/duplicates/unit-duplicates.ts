import type { Session, Turn } from '../model/session.ts';
import { normalForm } from '../text/normal-form.ts';
import { type UnitLevel, unitsOf } from '../text/units.ts';

/** Units found in a data set, and those removed. */
export interface UnitCounts {
  total: number;
  /** Those that appeared earlier in the same record. */
  inside: number;
  /** Those that appeared in an earlier record. */
  across: number;
}

/** Removes paragraphs or sentences that appeared earlier. References are not changed. */
export class UnitDuplicates {
  readonly #level: UnitLevel;
  /** Adds a normal form; returns true if it was there. */
  readonly #addKnown: (form: string) => boolean;
  readonly counts: UnitCounts = { total: 0, inside: 0, across: 0 };

  constructor(level: UnitLevel, addKnown: (form: string) => boolean) {
    this.#level = level;
    this.#addKnown = addKnown;
  }

  /** Returns the session without repeated units; `null` if it lost all its units. */
  add(session: Session): Session | null {
    const seen = new Set<string>();
    const before = { ...this.counts };
    const turns = session.turns.flatMap((turn) => this.#turn(turn, seen) ?? []);
    const total = this.counts.total - before.total;
    const removed = this.counts.inside + this.counts.across - before.inside - before.across;
    if (removed === 0) return session;
    return removed === total ? null : { ...session, turns };
  }

  #turn(turn: Turn, seen: Set<string>): Turn | null {
    if (turn.messages === null) return turn;
    const messages = turn.messages.flatMap((message) => {
      const content = this.#content(message['content'], seen);
      if (content === message['content']) return [message];
      // A message that lost its whole text is removed, unless it has something else.
      const isEmpty = content === '' || (Array.isArray(content) && content.length === 0);
      return isEmpty && !('tool_calls' in message) ? [] : [{ ...message, content }];
    });
    return messages.length === 0 && turn.messages.length > 0 ? null : { ...turn, messages };
  }

  /** Returns the same content if nothing was removed. */
  #content(content: unknown, seen: Set<string>): unknown {
    if (typeof content === 'string') return this.#text(content, seen);
    if (!Array.isArray(content)) return content;
    const parts = (content as readonly unknown[]).flatMap((part) => {
      const text = typeof part === 'object' && part !== null ? (part as { text?: unknown }).text : null;
      if (typeof text !== 'string') return [part];
      const left = this.#text(text, seen);
      return left === text ? [part] : left === '' ? [] : [{ ...(part as object), text: left }];
    });
    return parts.every((part, at) => part === content[at]) && parts.length === content.length
      ? content
      : parts;
  }

  #text(text: string, seen: Set<string>): string {
    const units = unitsOf(text, this.#level);
    const left = units.filter((unit) => !this.#isRepeated(normalForm(unit.text), seen));
    if (left.length === units.length) return text;
    return left.map((unit, at) => (at < left.length - 1 ? unit.text + unit.separator : unit.text)).join('');
  }

  #isRepeated(form: string, seen: Set<string>): boolean {
    if (form === '') return false;
    this.counts.total++;
    if (seen.has(form)) {
      this.counts.inside++;
      return true;
    }
    seen.add(form);
    if (!this.#addKnown(form)) return false;
    this.counts.across++;
    return true;
  }
}
