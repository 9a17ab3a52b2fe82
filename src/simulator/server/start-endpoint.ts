import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GoodputError } from '../../errors.ts';
import { type Closed, MODEL } from './endpoint.ts';
import { type GivenSettings, resolveSettings } from './endpoint-settings.ts';

/** What the thread of an embedded endpoint is told. */
export type ToEndpoint = { kind: 'begin'; log: string | null; origin_ns: string } | { kind: 'close' };

/** What it says. */
export type FromEndpoint = { kind: 'listening'; url: string } | { kind: 'closed'; closed: Closed };

/** The embedded endpoint, running in a thread of its own. */
export interface StartedEndpoint {
  /** Base URL with its `/v1`. */
  url: string;
  /** What the endpoint says of itself, for the record of a run. */
  said: Readonly<Record<string, unknown>>;
  /**
   * From here on faults happen, and what requests do is written down.
   * @param log a file that does not exist yet; `null`: nothing is written
   * @param origin_ns instant 0 of both, on the host's monotonic clock
   */
  begin(log: string | null, origin_ns: bigint): void;
  /**
   * Cuts every connection and ends the thread; again: nothing more.
   * @throws {GoodputError} of kind `worker` where the thread had died before.
   */
  close(): Promise<Closed>;
}

/**
 * Starts the simulated endpoint on a free port of 127.0.0.1; what is left out is the default preset's.
 * @throws {GoodputError} of kind `usage` for a bad setting, `worker` where the thread does not come up.
 */
export async function startEndpoint(given: GivenSettings = {}): Promise<StartedEndpoint> {
  const settings = resolveSettings(given);
  const worker = new Worker(new URL(`./endpoint-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: settings,
  });
  let died: GoodputError | null = null;
  const heard = new Map<FromEndpoint['kind'], FromEndpoint>();
  const exited = new Promise<void>((resolve) => {
    worker.on('error', (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      died = new GoodputError('worker', `the thread of the simulated endpoint died: ${reason}`, {
        cause: error,
        ...(/EMFILE|too many open files/.test(reason)
          ? { hint: 'The limit on open files is too low for goodput itself: `ulimit -Hn` tells it.' }
          : {}),
      });
    });
    worker.on('exit', () => resolve());
  });
  const url = await new Promise<string>((resolve, reject) => {
    worker.on('message', (message: FromEndpoint) => {
      heard.set(message.kind, message);
      if (message.kind === 'listening') resolve(message.url);
    });
    void exited.then(() =>
      reject(died ?? new GoodputError('worker', 'the simulated endpoint did not start')),
    );
  });
  const tell = (message: ToEndpoint): void => worker.postMessage(message);
  const { engine, cost, dialect, naturalLength, faults } = settings;
  return {
    url,
    said: {
      server: 'goodput-simulator',
      model: settings.model ?? MODEL,
      engine,
      cost,
      dialect,
      faults,
      ...(naturalLength === null ? {} : { natural_length: naturalLength }),
    },
    begin: (log, origin_ns) => tell({ kind: 'begin', log, origin_ns: String(origin_ns) }),
    async close() {
      tell({ kind: 'close' });
      await exited;
      if (died !== null) throw died;
      const closed = heard.get('closed');
      if (closed?.kind !== 'closed')
        throw new GoodputError('worker', 'the thread of the simulated endpoint ended by itself');
      return closed.closed;
    },
  };
}
