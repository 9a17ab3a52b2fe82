import { expect, it } from 'vitest';
import { EMPTY_TURN, type Session } from '../../src/dataset/model/session.ts';
import { RowSessions } from '../../src/dataset/row-sessions.ts';

const row = (session: string | null, input_tokens: number): Session => ({
  session,
  timestamp_ms: input_tokens,
  tags: {},
  turns: [{ ...EMPTY_TURN, input_tokens }],
});

/** Returns sessions as `name:lengths`. */
const named = (sessions: readonly Session[]): string[] =>
  sessions.map(
    ({ session, turns }) => `${session}:${turns.map(({ input_tokens }) => input_tokens).join('+')}`,
  );

const ROWS = [row('a', 1), row(null, 2), row('b', 3), row('a', 4), row('c', 5), row('b', 6), row(null, 7)];
const JOINED = ['a:1+4', 'null:2', 'b:3+6', 'c:5', 'null:7'];

it('without counts, sessions after a named one wait for the end', () => {
  const rows = new RowSessions(null);
  expect(ROWS.flatMap((each) => rows.add(each, true))).toEqual([]);
  expect(named(rows.finish())).toEqual(JOINED);
});

it('with counts, a session is complete with its last row; the order is that of the first rows', () => {
  const counts = new Map(Object.entries({ a: 2, b: 2, c: 1 }));
  const rows = new RowSessions(counts);
  const found = ROWS.map((each) => named(rows.add(each, true)));
  expect(found).toEqual([[], [], [], ['a:1+4', 'null:2'], [], ['b:3+6', 'c:5'], ['null:7']]);
  expect(rows.finish()).toEqual([]);
});

it('records that are not rows are never joined', () => {
  const rows = new RowSessions(null);
  expect(named([row('a', 1), row('a', 2)].flatMap((each) => rows.add(each, false)))).toEqual(['a:1', 'a:2']);
});
