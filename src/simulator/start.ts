import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GoodputError } from '../errors.ts';
import { MODEL } from './endpoint.ts';
import { resolveSettings, type SimulatorSettings } from './settings.ts';

/** The embedded endpoint, running in a thread of its own. */
export interface StartedEndpoint {
  /** Base URL with its `/v1`. */
  url: string;
  /** What the endpoint says of itself, for the record of a run. */
  said: Readonly<Record<string, unknown>>;
  /**
   * Cuts every connection and ends the thread; again: nothing more.
   * @throws {GoodputError} of kind `worker` where the thread had died before.
   */
  close(): Promise<void>;
}

/**
 * Starts the simulated endpoint on a free port of 127.0.0.1; settings left out are `DEFAULT_SETTINGS`.
 * @throws {GoodputError} of kind `usage` for a bad setting, `worker` where the thread does not come up.
 */
export async function startEndpoint(settings: Partial<SimulatorSettings> = {}): Promise<StartedEndpoint> {
  const resolved = resolveSettings(settings);
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: resolved,
  });
  let died: GoodputError | null = null;
  const exited = new Promise<void>((resolve) => {
    worker.on('error', (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      died = new GoodputError('worker', `the thread of the simulated endpoint died: ${reason}`, {
        cause: error,
      });
    });
    worker.on('exit', () => resolve());
  });
  const url = await new Promise<string>((resolve, reject) => {
    worker.once('message', resolve);
    void exited.then(() =>
      reject(died ?? new GoodputError('worker', 'the simulated endpoint did not start')),
    );
  });
  return {
    url,
    said: { server: 'goodput-simulator', engine: 'simple', model: MODEL, settings_ms: resolved },
    async close() {
      worker.postMessage('close');
      await exited;
      if (died !== null) throw died;
    },
  };
}
