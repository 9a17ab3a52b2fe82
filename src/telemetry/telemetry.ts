import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FromThread, TargetFailures, ThreadTask, ToThread } from './thread-messages.ts';

// TypeScript in src/, JavaScript in dist/.
const ENTRY = new URL(`./telemetry-worker${extname(import.meta.url)}`, import.meta.url);

/** The thread holds one page of each target. */
const MEMORY_MB = 256;

/** Servers count a request shortly after its last byte. */
const SETTLE_MS = 100;

/** Scrapes the telemetry targets of a run in a thread of its own. A failure of a target, or of the thread, never fails the run. */
export class Telemetry {
  readonly #thread: Worker;
  readonly #first = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<string[]>();

  /** @param warn called when a target fails for the first time */
  constructor(task: ThreadTask, warn: (text: string) => void) {
    this.#thread = new Worker(ENTRY, {
      workerData: task,
      name: 'telemetry',
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    this.#thread.on('message', (message: FromThread) => {
      if (message.kind === 'ready') this.#first.resolve();
      else if (message.kind === 'failed') warn(`telemetry of ${message.target} failed: ${message.error}`);
      else this.#done.resolve(notesOn(message));
    });
    this.#thread.on('error', (error) => this.#lost(error instanceof Error ? error.message : String(error)));
    this.#thread.on('exit', (code) => this.#lost(`its thread exited with code ${code}`));
  }

  /** Resolves when every target was scraped once, or failed. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  /** Sets the origin of the run on the host's monotonic clock. */
  begin(origin_ns: bigint): void {
    this.#send({ kind: 'begin', origin_ns: String(origin_ns) });
  }

  /** Scrapes every target once more, after the last request. Returns notes on what failed. */
  async end(): Promise<string[]> {
    await sleep(SETTLE_MS);
    this.#send({ kind: 'end' });
    const notes = await this.#done.promise;
    await this.#thread.terminate();
    return notes;
  }

  #send(message: ToThread): void {
    this.#thread.postMessage(message);
  }

  #lost(reason: string): void {
    this.#first.resolve();
    this.#done.resolve([`Telemetry ended before the run: ${reason}.`]);
  }
}

function notesOn({ failures, problem }: Extract<FromThread, { kind: 'done' }>): string[] {
  return [...failures.map(noteOn), ...(problem === null ? [] : [`Telemetry is incomplete: ${problem}.`])];
}

const noteOn = ({ target, scrapes, failed, error }: TargetFailures): string =>
  failed === scrapes
    ? `Telemetry of ${target} is missing: all ${scrapes} scrapes failed (${error}).`
    : `Telemetry of ${target}: ${failed} of ${scrapes} scrapes failed (${error}).`;
