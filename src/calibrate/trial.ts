import { join } from 'node:path';
import { analyze } from '../analysis/analyze.ts';
import type { Report } from '../analysis/report.ts';
import { openRun } from '../record/reader.ts';
import type { RunHeader } from '../record/header.ts';
import { Run } from '../run/run.ts';
import type { Sample } from '../sample.ts';
import type { Flags } from '../scenario/keys/option-table.ts';
import { resolveScenario } from '../scenario/resolve.ts';

/** The result of a short run against the null endpoint. */
export interface Trial {
  report: Report;
  header: RunHeader;
  samples(): AsyncGenerator<Sample>;
}

const COMMON: Flags = { 'input-tokens': '1', warmup: '300ms', 'no-probe': true };

/**
 * Carries out short runs that are complete: planned, sent by a worker, recorded, read and analysed. So their limits are those of a
 * measurement, not of a special loop.
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
      data: null,
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
