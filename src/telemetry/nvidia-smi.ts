import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonic_ns } from '../health/monotonic-clock.ts';
import { reasonOf } from '../system-errors.ts';
import { formatDuration, type Milliseconds } from '../units.ts';
import type { SeriesValues } from './prometheus-text.ts';
import type { RawScrape, Scraper } from './target.ts';

/** The program, and the label of its target. */
const NVIDIA_SMI = 'nvidia-smi';

/** Fields of its manual page under `--query-gpu`. Every driver of the last ten years has them. */
const FIELDS = [
  'index',
  'uuid',
  'utilization.gpu',
  'utilization.memory',
  'memory.used',
  'power.draw',
  'clocks.sm',
  'clocks.mem',
  'temperature.gpu',
] as const;

/** The rows of one reading, one for each device, arrive together. */
const QUIET_MS = 50;

/** The time for the first reading and for the last. It takes a second or more to start. */
const TIMEOUT_MS = 5000;

const MOST_TEXT = 120;

/** Returns true if the program is on the path. */
export function hasNvidiaSmi(path = process.env['PATH'] ?? ''): boolean {
  const names = process.platform === 'win32' ? [`${NVIDIA_SMI}.exe`] : [NVIDIA_SMI];
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .some((folder) =>
      names.some((name) => {
        try {
          accessSync(join(folder, name), constants.X_OK);
          return true;
        } catch {
          return false;
        }
      }),
    );
}

/** Reads what nvidia-smi prints in a loop: a line with the names and units of the fields, then one line for each device. */
export class SmiReader implements Scraper {
  readonly first: Promise<void>;
  readonly #every_ms: Milliseconds;
  readonly #add: (scrape: RawScrape) => void;
  readonly #program: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exited = Promise.withResolvers<void>();
  #columns: readonly string[] | null = null;
  /** The reading that is arriving. */
  #values: SeriesValues = {};
  #devices = new Set<string>();
  #began_ns = 0n;
  #quiet: NodeJS.Timeout | undefined;
  #next = Promise.withResolvers<void>();
  /** The lines that are not readings: a driver that does not answer is reported on stdout. */
  #said = '';
  #isOver = false;

  constructor(every_ms: Milliseconds, add: (scrape: RawScrape) => void) {
    this.#every_ms = every_ms;
    this.#add = add;
    const args = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv', '-lms', String(Math.round(every_ms))];
    this.#program = spawn(NVIDIA_SMI, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#program.stderr.on('data', (data: Buffer) => this.#note(data.toString()));
    createInterface({ input: this.#program.stdout }).on('line', (line) => this.#read(line));
    this.#program.on('error', (error) => this.#ended(reasonOf(error)));
    this.#program.on('close', (code) => {
      this.#flush();
      this.#ended(`it ended with code ${code}${this.#said === '' ? '' : `: ${this.#said}`}`);
    });
    this.first = this.#reading(TIMEOUT_MS).then((isInTime) => {
      if (!isInTime) this.#failed(`no output within ${formatDuration(TIMEOUT_MS)}`);
    });
  }

  async end(): Promise<void> {
    this.#flush();
    if (!this.#isOver) await this.#reading(Math.min(TIMEOUT_MS, this.#every_ms + QUIET_MS));
    if (this.#isOver) return;
    this.#isOver = true;
    this.#program.kill();
    await this.#exited.promise;
  }

  /** Resolves at the end of the next reading to true, or to false if there is none in time. */
  async #reading(within_ms: Milliseconds): Promise<boolean> {
    const late = new AbortController();
    const isInTime = await Promise.race([
      this.#next.promise.then(() => true),
      sleep(within_ms, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    return isInTime;
  }

  #read(line: string): void {
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.some((cell) => cell.startsWith('utilization.gpu'))) {
      this.#columns = cells.map((cell) => cell.split(' ')[0]!);
      return;
    }
    const columns = this.#columns;
    if (columns === null || cells.length !== columns.length) {
      this.#note(line);
      return;
    }
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    const device = cell('index');
    if (this.#devices.has(device)) this.#flush();
    if (this.#devices.size === 0) this.#began_ns = monotonic_ns();
    this.#devices.add(device);
    for (const name of FIELDS.slice(2)) {
      // `345.20 W`, or `[N/A]` where the device has no such sensor.
      const value = Number.parseFloat(cell(name));
      if (Number.isFinite(value)) this.#values[`${name}{index="${device}",uuid="${cell('uuid')}"}`] = value;
    }
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#flush(), QUIET_MS);
  }

  #note(text: string): void {
    this.#said = `${this.#said} ${text.trim()}`.trim().slice(0, MOST_TEXT);
  }

  #flush(): void {
    clearTimeout(this.#quiet);
    if (this.#devices.size === 0) return;
    const [values, at_ns] = [this.#values, this.#began_ns];
    this.#values = {};
    this.#devices = new Set();
    this.#arrived({ target: NVIDIA_SMI, sent_ns: at_ns, received_ns: at_ns, values, error: null });
  }

  #ended(error: string): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#failed(error);
    }
    this.#exited.resolve();
  }

  #failed(error: string): void {
    const at_ns = monotonic_ns();
    this.#arrived({ target: NVIDIA_SMI, sent_ns: at_ns, received_ns: at_ns, values: null, error });
  }

  #arrived(scrape: RawScrape): void {
    this.#add(scrape);
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}
