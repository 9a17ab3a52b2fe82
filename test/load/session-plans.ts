import { readFileSync } from 'node:fs';

/** A plan of sessions with given answer times, and the instants that follow from the rules. */
export interface SessionPlan {
  sessions: { delay_us: number; answer_us: number; ok?: boolean }[][];
  /** Open loop: the instants at which the sessions start. */
  starts_us?: number[];
  /** Closed loop: the number of users. */
  users?: number;
  onError?: 'end' | 'continue';
  expect: { session: number; planned_us: number[]; ended_us: number[]; cut: boolean }[];
}

export const SESSION_PLANS = (
  JSON.parse(readFileSync(new URL('../vectors/workloads.json', import.meta.url), 'utf8')) as {
    session_plans: SessionPlan[];
  }
).session_plans;
