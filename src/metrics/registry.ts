/** Placeholder for the registry: one declaration per metric. */
export type MetricUnit = 'ms' | 'tok/s' | 'req/s' | 'req/min' | 'ratio' | 'requests';

export interface Metric {
  /** The word of code, flags, JSON and docs. */
  name: string;
  /** For people: "Time to first token". */
  label: string;
  /** `request`: one value a request. `pooled`: samples pooled over requests. `run`: one figure a run. */
  kind: 'request' | 'pooled' | 'run';
  unit: MetricUnit;
  /** Which direction is good; `null`: neither, so it can be neither SLO nor gate direction-checked. */
  better: 'lower' | 'higher' | null;
  /** As in the docs' table. */
  formula: string;
  needs: string;
  /** Percentiles are null when failures hide more than 1 − p of the judged requests (metrics.md, "Survivors must not flatter"). */
  hiddenByFailures: boolean;
}
