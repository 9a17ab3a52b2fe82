import { EMPTY_TURN, type Session, type Turn } from '../../src/dataset/model/session.ts';
import type { ReadData } from '../../src/lifecycle/run-options.ts';

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

/** Returns a data set that was read. */
export const dataOf = (...sessions: Session[]): ReadData => ({
  sessions,
  blockTokens: 512,
  files: [],
  format: 'goodput',
  licence: null,
  steps: [],
});
