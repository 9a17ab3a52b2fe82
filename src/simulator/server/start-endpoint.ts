import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GoodputError } from '../../errors.ts';
import type { EndpointSummary } from './endpoint.ts';
import { DEFAULT_MODEL, type GivenSettings, resolveSettings } from './endpoint-settings.ts';

/** Message to the thread of an embedded endpoint. */
export type ToEndpoint = { kind: 'begin'; log: string | null; origin_ns: string } | { kind: 'close' };

/** Message from the thread. */
export type FromEndpoint = { kind: 'listening'; url: string } | { kind: 'closed'; closed: EndpointSummary };

/** An embedded endpoint, which runs in its own thread. */
export interface StartedEndpoint {
  /** Base URL with its `/v1`. */
  url: string;
  /** Description of the endpoint, for the record of a run. */
  said: Readonly<Record<string, unknown>>;
  /**
   * Starts the faults and the truth log.
   * @param log path of a new file; `null` for no log
   * @param origin_ns instant 0 of both, on the host's monotonic clock
   */
  begin(log: string | null, origin_ns: bigint): void;
  /**
   * Closes every connection and ends the thread. May be called again.
   * @throws {GoodputError} of kind `worker` if the thread had died
   */
  close(): Promise<EndpointSummary>;
}

/**
 * Starts the simulated endpoint on a free port of 127.0.0.1; omitted settings have the values of the default preset.
 * @throws {GoodputError} of kind `usage` for an invalid setting, `worker` if the thread does not start
 */
export async function startEndpoint(given: GivenSettings = {}): Promise<StartedEndpoint> {
  const settings = resolveSettings(given);
  const worker = new Worker(new URL(`./endpoint-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: settings,
  });
  let died: GoodputError | null = null;
  const received = new Map<FromEndpoint['kind'], FromEndpoint>();
  const exited = new Promise<void>((resolve) => {
    worker.on('error', (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      died = new GoodputError('worker', `the thread of the simulated endpoint died: ${reason}`, {
        cause: error,
        ...(/EMFILE|too many open files/.test(reason)
          ? { hint: 'The limit on open files is too low for goodput itself: `ulimit -Hn` shows it.' }
          : {}),
      });
    });
    worker.on('exit', () => resolve());
  });
  const url = await new Promise<string>((resolve, reject) => {
    worker.on('message', (message: FromEndpoint) => {
      received.set(message.kind, message);
      if (message.kind === 'listening') resolve(message.url);
    });
    void exited.then(() =>
      reject(died ?? new GoodputError('worker', 'the simulated endpoint did not start')),
    );
  });
  const send = (message: ToEndpoint): void => worker.postMessage(message);
  const { engine, cost, dialect, naturalLength, faults } = settings;
  return {
    url,
    said: {
      server: 'goodput-simulator',
      model: settings.model ?? DEFAULT_MODEL,
      engine,
      cost,
      dialect,
      faults,
      ...(naturalLength === null ? {} : { natural_length: naturalLength }),
    },
    begin: (log, origin_ns) => send({ kind: 'begin', log, origin_ns: String(origin_ns) }),
    async close() {
      send({ kind: 'close' });
      await exited;
      if (died !== null) throw died;
      const closed = received.get('closed');
      if (closed?.kind !== 'closed')
        throw new GoodputError('worker', 'the thread of the simulated endpoint ended by itself');
      return closed.closed;
    },
  };
}
