import { expect, test } from 'vitest';
import type { Load } from '../../src/scenario/keys/scenario.ts';
import { afterTurn } from '../../src/load/session-rule.ts';
import type { PlannedSession } from '../../src/plan/plan.ts';
import {
  VirtualClosedLoop,
  type VirtualLauncher,
  type VirtualLoad,
  VirtualOpenLoop,
} from '../../src/simulate/virtual-load.ts';
import type { VirtualSession, VirtualTurn } from '../../src/simulate/virtual-session.ts';
import { SESSION_PLANS } from '../load/session-plans.ts';

const LOAD = { warmup: 0, duration: null, requests: null, sessions: null, maxConcurrency: null } as Load;

test.each(SESSION_PLANS.map((plan, k) => [k, plan] as const))(
  'plan %i of the vectors, in virtual time to the microsecond',
  (_, { sessions, starts_us, users = null, onError = 'end', expect: expected }) => {
    const found = sessions.map((__, session) => ({
      session,
      planned_us: [] as number[],
      ended_us: [] as number[],
      cut: false,
    }));
    const turnOf = (of: VirtualSession, k: number, due_us: number | null): VirtualTurn => ({
      of,
      k,
      due_us,
      isLast: k === sessions[of.planned.session]!.length - 1,
    });
    const first = sessions.map((__, session) => {
      const planned_us = starts_us?.[session] ?? null;
      const planned = { session, planned_us, phase: null } as PlannedSession;
      return turnOf({ planned } as VirtualSession, 0, planned_us);
    });
    const ends: { at_us: number; turn: VirtualTurn }[] = [];
    const launcher: VirtualLauncher = {
      launch(turn, { planned_us }, at_us) {
        // Nothing is late.
        expect(at_us).toBe(planned_us);
        const { session } = turn.of.planned;
        found[session]!.planned_us.push(planned_us);
        ends.push({ at_us: at_us + sessions[session]![turn.k]!.answer_us, turn });
      },
      leave: () => undefined,
    };
    const run = { seed: 1, count: sessions.length, load: { ...LOAD, concurrency: users } };
    const load: VirtualLoad =
      users === null
        ? new VirtualOpenLoop(run, first.values(), launcher)
        : new VirtualClosedLoop(run, first.values(), launcher);
    while (!load.isOver || ends.length > 0) {
      ends.sort((a, b) => a.at_us - b.at_us);
      const at_us = Math.min(ends[0]?.at_us ?? Infinity, load.next_us() ?? Infinity);
      while (ends[0]?.at_us === at_us) {
        const { turn } = ends.shift()!;
        const own = found[turn.of.planned.session]!;
        own.ended_us.push(at_us);
        const turns = sessions[turn.of.planned.session]!;
        const follows = afterTurn(turns, turn.k, { ended_us: at_us, ok: turns[turn.k]!.ok ?? true }, onError);
        if (follows.kind === 'end') own.cut = follows.isCut;
        const next = follows.kind === 'turn' ? turnOf(turn.of, turn.k + 1, follows.due_us) : null;
        load.ended(at_us, { turn, phase: 'measure', next });
      }
      load.due(at_us);
    }
    expect(found).toEqual(expected);
  },
);
