import { join } from 'node:path';
import { realDisk, writeAll, type DiskFile } from '../record/disk.ts';
import { encodeScrape, TELEMETRY_FILE } from '../record/telemetry.ts';
import { reasonOf } from '../system-errors.ts';
import { SmiReader } from './nvidia-smi.ts';
import { PageScraper } from './page-scraper.ts';
import type { RawScrape, Scraper } from './target.ts';
import type { FromThread, TargetFailures, ThreadTask } from './thread-messages.ts';

/** Scrapes all targets of a run, and writes what they answer to the run folder. */
export class ScrapingThread {
  readonly #send: (message: FromThread) => void;
  readonly #path: string;
  readonly #scrapers: Scraper[];
  readonly #counts = new Map<string, TargetFailures>();
  /** Scrapes that ended before the origin of the run was known. */
  #waiting: RawScrape[] = [];
  #origin_ns: bigint | null = null;
  #file: DiskFile | null = null;
  #written: Promise<void> = Promise.resolve();
  #problem: string | null = null;

  constructor({ targets, every_ms, dir }: ThreadTask, send: (message: FromThread) => void) {
    this.#send = send;
    this.#path = join(dir, TELEMETRY_FILE);
    const add = (scrape: RawScrape): void => this.#add(scrape);
    this.#scrapers = targets.map((target) =>
      target.kind === 'page' ? new PageScraper(target, every_ms, add) : new SmiReader(every_ms, add),
    );
    void Promise.all(this.#scrapers.map(({ first }) => first)).then(() => send({ kind: 'ready' }));
  }

  /** Sets the origin of the run, from which all instants are written. */
  begin(origin_ns: bigint): void {
    this.#origin_ns = origin_ns;
    for (const scrape of this.#waiting) this.#write(scrape);
    this.#waiting = [];
  }

  /** Scrapes every target once more, and closes the file. */
  async end(): Promise<void> {
    await Promise.all(this.#scrapers.map((scraper) => scraper.end()));
    await this.#written;
    await this.#file?.close().catch(() => undefined);
    const failures = [...this.#counts.values()].filter(({ failed }) => failed > 0);
    this.#send({ kind: 'done', failures, problem: this.#problem });
  }

  #add(scrape: RawScrape): void {
    const { target, error } = scrape;
    const count = this.#counts.get(target) ?? { target, scrapes: 0, failed: 0, error: '' };
    this.#counts.set(target, count);
    count.scrapes++;
    if (error !== null && ++count.failed === 1) {
      count.error = error;
      this.#send({ kind: 'failed', target, error });
    }
    if (this.#origin_ns === null) this.#waiting.push(scrape);
    else this.#write(scrape);
  }

  #write({ target, sent_ns, received_ns, values, error }: RawScrape): void {
    const since = (at_ns: bigint): number => Number(at_ns - this.#origin_ns!) / 1000;
    const line = encodeScrape({
      target,
      sentUs: since(sent_ns),
      receivedUs: since(received_ns),
      values,
      error,
    });
    this.#written = this.#written.then(() => this.#append(`${line}\n`));
  }

  async #append(line: string): Promise<void> {
    if (this.#problem !== null) return;
    try {
      this.#file ??= await realDisk.open(this.#path, 'a');
      await writeAll(this.#file, Buffer.from(line));
    } catch (error) {
      this.#problem = `cannot write ${this.#path}: ${reasonOf(error, 'write')}`;
    }
  }
}
