import type { PlanShare, Scenario } from '../scenario/keys/scenario.ts';

/** The share of a process that sends the complete plan. */
export const COMPLETE: PlanShare = { index: 0, of: 1 };

export const isIn = ({ index, of }: PlanShare, session: number): boolean => session % of === index;

/** Returns how many of `count` things a share has, if the first shares take the remainder: also how many numbers below `count` are in it. */
export const partOf = ({ index, of }: PlanShare, count: number): number =>
  count === Infinity ? Infinity : Math.floor(count / of) + (index < count % of ? 1 : 0);

/** Returns the share that a part of a share has: of every `of`-th session of `whole`, those whose position modulo `part.of` is `part.index`. */
export const shareWithin = (whole: PlanShare, part: PlanShare): PlanShare => ({
  index: whole.index + whole.of * part.index,
  of: whole.of * part.of,
});

/**
 * Returns the scenario of one of several ranks. It keeps the plan and sends its share of it: of the sessions in an open loop, of the users
 * in a closed loop.
 */
export function withShare<S extends Pick<Scenario, 'load' | 'run'>>(scenario: S, share: PlanShare): S {
  const { load, run } = scenario;
  const part = (count: number | null): number | null => (count === null ? null : partOf(share, count));
  const isClosed = load.concurrency !== null;
  return {
    ...scenario,
    load: {
      ...load,
      share,
      concurrency: part(load.concurrency),
      maxConcurrency: part(load.maxConcurrency),
      // The plan of an open loop has its number of requests; each rank takes those that are its own.
      requests: isClosed ? part(load.requests) : load.requests,
      sessions: isClosed ? part(load.sessions) : load.sessions,
    },
    run: { ...run, preconnect: partOf(share, run.preconnect) },
  };
}
