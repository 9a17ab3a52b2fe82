export type SeveralKind = 'rounds' | 'sweep' | 'capacity';

/** A figure of a run: its value, to sort and draw by, and its text as in the terminal. */
export interface EntryFigure {
  value: number | null;
  text: string;
}

/** The figures that the list shows, and the trend draws. */
export type FigureName = 'attainment' | 'ttft_p95_ms' | 'goodput_rps';

/** A recorded run, or a folder of several runs. */
export interface Entry {
  /** Its path below the root, with `/`; `.` for the root itself. */
  id: string;
  kind: 'run' | SeveralKind;
  /** Name of the scenario. */
  name: string;
  /** Identifier of the folder of several runs that it belongs to. */
  parent: string | null;
  /** Start, ISO 8601, UTC. */
  started: string | null;
  /** Why its documents cannot be read. */
  problem: string | null;
  /** `complete`, `running`, …; `null` for several runs. */
  status: string | null;
  verdict: string | null;
  audit: string | null;
  endpoint: string | null;
  machine: string | null;
  simulated: boolean;
  figures: Record<FigureName, EntryFigure>;
  /** Limits of gates on these figures, in the unit of the figure. */
  gates: { figure: FigureName; text: string; limit: number }[];
  /** For several runs: how many the folder has. */
  runs?: number;
  /** In a run that is being recorded. */
  recording?: true;
}
