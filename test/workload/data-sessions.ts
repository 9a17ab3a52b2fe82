import { EMPTY_TURN, type Session, type Turn } from '../../src/dataset/model/session.ts';
import type { ReadData } from '../../src/lifecycle/run-options.ts';
import type { WorkloadData } from '../../src/workload/data.ts';
import { columnsOf, SessionTable, type StoredSession } from '../../src/workload/session-table.ts';

/** Returns a session of one turn. */
export const singleTurn = (turn: Partial<Turn>): Session => sessionOf(turn);

const turnOf = (turn: Partial<Turn>): Turn => ({
  ...EMPTY_TURN,
  messages: [{ role: 'user', content: 'x' }],
  ...turn,
});

/** Returns a session of these turns. */
const sessionOf = (...turns: Partial<Turn>[]): Session => ({
  session: null,
  timestamp_ms: null,
  tags: {},
  turns: turns.map(turnOf),
});

/** Returns the sessions of a data set that was read. */
export function sessionsIn({ sessions }: WorkloadData): StoredSession[] {
  const table = new SessionTable(sessions);
  return Array.from({ length: table.length }, (_, k) => table.at(k));
}

/** Returns a data set that was read. */
export const dataOf = (...sessions: Session[]): ReadData => ({
  sessions: columnsOf(sessions),
  blockTokens: 512,
  files: [],
  format: 'goodput',
  licence: null,
  steps: [],
  ignored: [],
});
