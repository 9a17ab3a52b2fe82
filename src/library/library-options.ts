import { GoodputError } from '../errors.ts';
import type { RunMode } from '../measure/carry-out.ts';
import { hooksFrom, type RunHooks } from '../measure/hooks.ts';
import type { RunState } from '../measure/live-judging.ts';
import { StopRequests } from '../measure/stop-requests.ts';
import { readScenarioText } from '../scenario/read-text.ts';
import type { ScenarioSources } from '../scenario/resolve.ts';
import type { ScenarioInput } from './scenario-input.ts';

/** A scenario for a function of the library: its keys, and where else values come from. */
export interface ScenarioOptions extends ScenarioInput {
  /** Path of a scenario file. Other keys of the options override the values of the file. */
  file?: string | undefined;
  /** Environment variables: `GOODPUT_*`, proxies, and those that a file refers to. `process.env` by default. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Options of every function that measures. */
export interface MeasuringOptions extends ScenarioOptions {
  /** The run folder, or the folder of several runs; `reports/<name>-<time>` by default. Short for `run.out`. */
  out?: string | undefined;
  /** Stops the measurement as Ctrl-C stops the command: nothing more is sent, and in-flight requests get `load.drain` to finish. */
  signal?: AbortSignal | undefined;
  /** Called several times a second while requests are sent. */
  onProgress?: ((state: Progress) => void) | undefined;
  /** Called for each warning. */
  onWarning?: ((text: string) => void) | undefined;
}

/** Options of functions that measure several runs. */
export interface SeveralRunsOptions extends MeasuringOptions {
  /** Carries out the runs against the simulated engine on a virtual clock, without sending anything. */
  virtual?: boolean | undefined;
  /** Called when a run begins, and for its outcome, with one line of text. */
  onStep?: ((text: string) => void) | undefined;
}

/** Where a run stands, and its judgement so far. */
export type Progress = RunState;

/** Options that are not keys of a scenario. */
const NOT_OF_SCENARIO: readonly Exclude<keyof SeveralRunsOptions, keyof ScenarioInput>[] = [
  'file',
  'env',
  'out',
  'virtual',
  'signal',
  'onProgress',
  'onWarning',
  'onStep',
];

/**
 * Returns the sources of the scenario that the options describe.
 * @throws {GoodputError} kind `usage` if the file cannot be read
 */
export async function sourcesFrom(options: SeveralRunsOptions, mode: RunMode): Promise<ScenarioSources> {
  const { file, env = process.env, out } = options;
  const input: Record<string, unknown> = { ...options };
  for (const name of NOT_OF_SCENARIO) delete input[name];
  if (out !== undefined) input['run'] = { ...options.run, out };
  return {
    file: input['endpoints'] === undefined ? await fileFrom(file) : comparisonFile(file, input),
    env,
    input,
    flags: mode === 'virtual' ? { url: 'simulated' } : {},
  };
}

const fileFrom = async (path: string | undefined): Promise<ScenarioSources['file']> =>
  path === undefined ? null : readScenarioText(path);

/** Moves `endpoints` and what all of them share into a scenario file, the only place of a list of endpoints. */
function comparisonFile(file: string | undefined, input: Record<string, unknown>): ScenarioSources['file'] {
  if (file !== undefined)
    throw new GoodputError('usage', 'options.endpoints: cannot be combined with options.file', {
      hint: 'list the endpoints in the file',
    });
  const shared: Record<string, unknown> = {};
  for (const name of ['endpoints', 'endpoint', 'simulator', 'hardware', 'model', 'price']) {
    shared[name] = input[name];
    delete input[name];
  }
  return { path: 'comparison', text: JSON.stringify(shared, null, 2) };
}

/** Runs `work` with the hooks of the options. An abort of the signal becomes a request to stop. */
export async function withHooks<T>(
  { signal, onProgress, onWarning, onStep }: SeveralRunsOptions,
  work: (hooks: RunHooks) => Promise<T>,
): Promise<T> {
  const stop = new StopRequests();
  const onAbort = (): void => stop.request();
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(hooksFrom({ onProgress, onWarning, onStep, stop }));
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
