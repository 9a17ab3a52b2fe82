import { join } from 'node:path';
import { analyze } from '../analysis/analyze.ts';
import type { Report } from '../analysis/report.ts';
import { openRun } from '../record/reader.ts';
import type { RunHeader } from '../record/header.ts';
import { Run } from '../run/run.ts';
import type { Sample } from '../sample.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { resolveScenario } from '../scenario/resolve.ts';

/** What a short run against the null endpoint showed. */
export interface Trial {
  report: Report;
  header: RunHeader;
  samples(): AsyncGenerator<Sample>;
}

const COMMON: Flags = { 'input-tokens': '1', warmup: '300ms', 'no-probe': true };

/**
 * Short runs as every run is: planned, sent by a worker, recorded, read back and analysed. What they reach is what a
 * measurement can reach, and not what a loop made for the purpose could.
 */
export class Trials {
  readonly #url: string;
  readonly #scratch: string;
  #count = 0;

  constructor(url: string, scratch: string) {
    this.#url = url;
    this.#scratch = scratch;
  }

  async run(flags: Flags): Promise<Trial> {
    const out = join(this.#scratch, String(this.#count++));
    const { resolved } = resolveScenario({
      file: null,
      env: {},
      flags: { url: this.#url, out, ...COMMON, ...flags },
    });
    const run = new Run({
      resolved,
      url: this.#url,
      prompts: null,
      version: 'calibrate',
      io: { progress: () => undefined, warn: () => undefined },
    });
    const { error } = await run.carryOut();
    if (error !== null) throw error;
    const { header, samples } = await openRun(out);
    const { report } = await analyze(header, out, samples(), []);
    return { report, header, samples };
  }
}
