import type { ScenarioSources } from '../scenario/resolve.ts';
import type { ComparedEndpoint } from '../scenario/runs.ts';

/** Rounds if the scenario does not set them: enough for Student's t interval. */
export const DEFAULT_ROUNDS = 5;

/** One run of the rounds of a comparison. */
export interface RoundRun {
  /** 1, 2, 3 … */
  round: number;
  endpoint: ComparedEndpoint;
  /** The seed of the round, which all its endpoints share. */
  seed: number;
  /** Name of the run's folder in the folder of the rounds. */
  run: string;
}

/** Returns the runs of all rounds in the order in which they are carried out. The first endpoint changes from round to round. */
export const runsOfRounds = (
  endpoints: readonly ComparedEndpoint[],
  rounds: number,
  seed: number,
): RoundRun[] =>
  Array.from({ length: rounds }, (_, k) =>
    endpoints.map((_, at): RoundRun => {
      const endpoint = endpoints[(at + k) % endpoints.length]!;
      const run = `${String(k + 1).padStart(2, '0')}-${endpoint.name}`;
      return { round: k + 1, endpoint, seed: seed + k, run };
    }),
  ).flat();

/** Returns the sources of a run of a round: those of its endpoint with the round's seed and a run folder. */
export const sourcesOfRun = (
  { endpoint: { sources }, seed, run }: RoundRun,
  out: string,
): ScenarioSources => ({
  ...sources,
  flags: { ...sources.flags, seed: String(seed), out, name: run },
});
