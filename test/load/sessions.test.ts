/** @module-tag timed */
import { describe, expect, it } from 'vitest';
import { ClosedLoop } from '../../src/load/closed-loop.ts';
import type { Job, Launcher } from '../../src/load/job.ts';
import { Lookahead } from '../../src/load/lookahead.ts';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { afterTurn } from '../../src/load/session-rule.ts';
import { Cap, SharedCounters } from '../../src/load/shared.ts';
import { SESSION_PLANS, type SessionPlan } from './session-plans.ts';
import { clock, sleep } from './support.ts';

interface Turn extends Job {
  k: number;
}

interface Recorded {
  session: number;
  k: number;
  planned_us: number;
  released_us: number | null;
  at_us: number;
  ended_us: number;
  phase: string | null;
}

/** The vectors take up to five seconds; a tenth of their times tells as much. */
const FASTER = 10;

const faster = (plan: SessionPlan): SessionPlan => ({
  ...plan,
  sessions: plan.sessions.map((turns) =>
    turns.map((turn) => ({ ...turn, delay_us: turn.delay_us / FASTER, answer_us: turn.answer_us / FASTER })),
  ),
  ...(plan.starts_us === undefined ? {} : { starts_us: plan.starts_us.map((at) => at / FASTER) }),
});

const turnOf = ({ sessions }: SessionPlan, session: number, k: number, planned_us: number | null): Turn => ({
  i: sessions.slice(0, session).reduce((sum, turns) => sum + turns.length, 0) + k,
  session,
  k,
  planned_us,
  phase: planned_us === null ? null : 'measure',
  isLast: k === sessions[session]!.length - 1,
});

/** Carries out turns whose answers take the times of the plan, measured from when they were due. */
function recorder(plan: SessionPlan, now: () => number) {
  const recorded: Recorded[] = [];
  const left: { session: number; k: number }[] = [];
  const launcher: Launcher<Turn> = {
    async launch({ session, k }, { planned_us, released_us, phase }) {
      const { answer_us, ok = true } = plan.sessions[session]![k]!;
      const entry = { session, k, planned_us, released_us, at_us: now(), phase, ended_us: 0 };
      recorded.push(entry);
      const wait_ms = (planned_us + answer_us - now()) / 1000;
      if (wait_ms > 0) await sleep(wait_ms);
      const ended_us = (entry.ended_us = now());
      const follows = afterTurn(plan.sessions[session]!, k, { ended_us, ok }, plan.onError ?? 'end');
      const next = follows.kind === 'turn' ? turnOf(plan, session, k + 1, follows.due_us) : null;
      return { sent: true, at_us: ended_us, next };
    },
    leave: ({ session, k }) => void left.push({ session, k }),
  };
  return { recorded, left, launcher };
}

const counters = (): SharedCounters => new SharedCounters(new SharedArrayBuffer(SharedCounters.bytes(8)));
const ahead = (turns: Turn[]): Lookahead<Turn> => new Lookahead(turns.values(), () => 1);
const firsts = (plan: SessionPlan): Turn[] =>
  plan.sessions.map((_, session) => turnOf(plan, session, 0, plan.starts_us?.[session] ?? null));

const closed = (plan: SessionPlan, launcher: Launcher<Turn>, now: () => number) => ({
  jobs: ahead(firsts(plan)),
  launcher,
  counters: counters(),
  slots: plan.users ?? 1,
  measureFrom_us: 0,
  measureTo_us: null,
  requests: null,
  sessions: null,
  now,
});

const open = (plan: SessionPlan, launcher: Launcher<Turn>, now: () => number) => ({
  jobs: ahead(firsts(plan)),
  launcher,
  cap: null,
  tickets: null,
  until_us: null,
  now,
});

describe('the turns of sessions', () => {
  it.each(SESSION_PLANS.map((plan, k) => [k, faster(plan)] as const))(
    'plan %i: each is due at the end of the answer before it and its delay, and none is early',
    async (_, plan) => {
      const now = clock();
      const { recorded, launcher } = recorder(plan, now);
      const loop =
        plan.users === undefined
          ? new OpenLoop(open(plan, launcher, now))
          : new ClosedLoop(closed(plan, launcher, now));
      await loop.start();
      for (const { session, planned_us } of plan.expect) {
        const own = recorded.filter((each) => each.session === session);
        expect(own.map(({ k }) => k)).toEqual(planned_us.map((_each, k) => k));
        for (const [k, turn] of own.entries()) {
          expect(turn.at_us).toBeGreaterThanOrEqual(turn.planned_us);
          if (k > 0) {
            const { delay_us } = plan.sessions[session]![k]!;
            expect(turn.planned_us).toBeCloseTo(own[k - 1]!.ended_us + delay_us, 3);
          }
        }
      }
      expect(recorded).toHaveLength(plan.expect.flatMap(({ planned_us }) => planned_us).length);
    },
  );

  it('closed loop: a user begins the next session when one has ended, and never has two', async () => {
    const now = clock();
    const plan: SessionPlan = {
      users: 3,
      sessions: Array.from({ length: 12 }, (_, s) =>
        Array.from({ length: 1 + (s % 3) }, () => ({ delay_us: 3000, answer_us: 4000 })),
      ),
      expect: [],
    };
    const { recorded, launcher } = recorder(plan, now);
    await new ClosedLoop(closed(plan, launcher, now)).start();
    expect(recorded).toHaveLength(plan.sessions.flat().length);
    for (const { at_us } of recorded) {
      const isOpen = ({ session }: Recorded): boolean => {
        const own = recorded.filter((each) => each.session === session);
        return own[0]!.at_us <= at_us && own.at(-1)!.ended_us > at_us;
      };
      expect(new Set(recorded.filter(isOpen).map(({ session }) => session)).size).toBeLessThanOrEqual(3);
    }
  });

  it('closed loop of N sessions: the N that start after the warm-up are measured with all their turns', async () => {
    const now = clock();
    const plan: SessionPlan = {
      users: 2,
      sessions: Array.from({ length: 50 }, () => [
        { delay_us: 0, answer_us: 4000 },
        { delay_us: 8000, answer_us: 4000 },
      ]),
      expect: [],
    };
    const { recorded, launcher } = recorder(plan, now);
    const loop = new ClosedLoop({ ...closed(plan, launcher, now), measureFrom_us: 30_000, sessions: 3 });
    await loop.start();
    const measured = recorded.filter(({ phase }) => phase === 'measure');
    expect(measured).toHaveLength(6);
    expect(new Set(measured.map(({ session }) => session)).size).toBe(3);
    // A session of the warm-up stays one, also in its later turns.
    for (const { session } of recorded.filter(({ phase }) => phase === 'warmup'))
      expect(recorded.filter((each) => each.session === session && each.phase === 'measure')).toEqual([]);
    expect(loop.firstIdle_us).not.toBeNull();
  });

  it('a duration ends sessions: a turn that is due later is not sent', async () => {
    const now = clock();
    const sessions = [
      [
        { delay_us: 0, answer_us: 5000 },
        { delay_us: 20_000, answer_us: 0 },
        { delay_us: 40_000, answer_us: 0 },
      ],
    ];
    const plans: SessionPlan[] = [
      { sessions, starts_us: [0], expect: [] },
      { sessions, users: 1, expect: [] },
    ];
    for (const plan of plans) {
      const { recorded, launcher } = recorder(plan, now);
      await (
        plan.users === undefined
          ? new OpenLoop({ ...open(plan, launcher, now), until_us: now() + 50_000 })
          : new ClosedLoop({ ...closed(plan, launcher, now), measureTo_us: now() + 50_000 })
      ).start();
      expect(recorded.map(({ k }) => k)).toEqual([0, 1]);
    }
  });

  it('stopping an open loop records the turns that are due and held back, and drops those that are not due', async () => {
    const now = clock();
    const plan: SessionPlan = {
      starts_us: [0, 1000, 2000],
      sessions: [
        [
          { delay_us: 0, answer_us: 5000 },
          { delay_us: 0, answer_us: 1e6 },
          { delay_us: 0, answer_us: 0 },
        ],
        [
          { delay_us: 0, answer_us: 9000 },
          { delay_us: 1000, answer_us: 1e6 },
        ],
        [
          { delay_us: 0, answer_us: 7000 },
          { delay_us: 1e9, answer_us: 0 },
        ],
      ],
      expect: [],
    };
    const { recorded, left, launcher } = recorder(plan, now);
    const shared = counters();
    const loop = new OpenLoop({
      ...open(plan, launcher, now),
      cap: new Cap(1, shared, () => undefined),
      tickets: { take: () => shared.takeTicket(), starts: [0, 1000, 2000].values() },
    });
    const done = loop.start();
    await sleep(60);
    loop.stop(now());
    await done;
    // First come, first served: the first turns were due before the second ones.
    expect(recorded.map(({ session, k }) => [session, k])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 1],
    ]);
    expect(left).toEqual([{ session: 1, k: 1 }]);
  });

  it('with a cap, later turns and new sessions wait in one queue, in the order in which they were due', async () => {
    const now = clock();
    const plan: SessionPlan = {
      starts_us: Array.from({ length: 30 }, (_, s) => s * 1000),
      sessions: Array.from({ length: 30 }, (_, s) =>
        Array.from({ length: 1 + (s % 3) }, () => ({ delay_us: 2000, answer_us: 0 })),
      ),
      expect: [],
    };
    const { recorded, launcher } = recorder(plan, now);
    const shared = counters();
    const flights = { now: 0, most: 0 };
    const counting: Launcher<Turn> = {
      ...launcher,
      async launch(job, when) {
        flights.most = Math.max(flights.most, ++flights.now);
        await sleep(2);
        const end = await launcher.launch(job, when);
        flights.now--;
        return end;
      },
    };
    await new OpenLoop({
      ...open(plan, counting, now),
      cap: new Cap(2, shared, () => undefined),
      tickets: { take: () => shared.takeTicket(), starts: plan.starts_us!.values() },
    }).start();
    // The last ones are in flight.
    while (flights.now > 0) await sleep(2);
    expect(recorded).toHaveLength(60);
    expect(flights.most).toBe(2);
    const due = recorded.map(({ planned_us }) => planned_us);
    expect(due).toEqual(due.toSorted((a, b) => a - b));
    for (const { released_us, planned_us } of recorded)
      expect(released_us).toBeGreaterThanOrEqual(planned_us);
  });
});
