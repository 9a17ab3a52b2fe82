import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiName } from '../../src/client/api/api.ts';
import { createRunFolder } from '../../src/record/folder.ts';
import type { Sample } from '../../src/sample.ts';
import { headerOf } from '../../test/analysis/headers.ts';
import type { Finding } from './findings.ts';
import { CODINGS, fuzzResponse } from './responses.ts';
import { startFuzzServer } from './server.ts';

const BIN = join(import.meta.dirname, '..', '..', 'src', 'bin.ts');

/** A run folder with all samples, for reports. */
export class Recorded {
  readonly #dir: string;
  readonly #folder;
  readonly #header;
  #last_us = 0;
  #count = 0;

  private constructor(
    dir: string,
    header: ReturnType<typeof headerOf>,
    folder: Awaited<ReturnType<typeof createRunFolder>>,
  ) {
    this.#dir = dir;
    this.#header = header;
    this.#folder = folder;
  }

  static async create(): Promise<Recorded> {
    const scratch = await mkdtemp(join(tmpdir(), 'goodput-fuzz-'));
    const header = headerOf();
    return new Recorded(scratch, header, await createRunFolder({ dir: join(scratch, 'run') }, header));
  }

  async add(samples: readonly Sample[]): Promise<void> {
    for (const { ended_us } of samples) this.#last_us = Math.max(this.#last_us, ended_us);
    this.#count += samples.length;
    await this.#folder.append(samples);
  }

  /** Closes the folder, generates its reports, and removes it. */
  async report(): Promise<Finding[]> {
    const window = { start_us: 0, end_us: this.#last_us + 1 };
    await this.#folder.close({ ...this.#header, window, planned: this.#count });
    const { code, stdout, stderr } = await goodput(['report', this.#folder.dir, '--json']);
    await rm(this.#dir, { recursive: true });
    if (code !== 0) return [{ kind: 'invalid samples', detail: `report exits with ${code}: ${stderr}` }];
    const { counts } = JSON.parse(stdout) as { counts: { cohort: number } };
    return counts.cohort === this.#count
      ? []
      : [{ kind: 'invalid samples', detail: `report counts ${counts.cohort} of ${this.#count} requests` }];
  }
}

/** Measures the fuzz server with `goodput run`, with load workers: no response may end the run early. */
export async function wholeRuns(
  seed: number,
  apis: readonly ApiName[],
  requests: number,
): Promise<Finding[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'goodput-fuzz-'));
  const findings: Finding[] = [];
  for (const api of apis) {
    let number = 0;
    const server = await startFuzzServer(() => fuzzResponse(seed, number++, [api], CODINGS));
    const scenario = join(scratch, `${api}.yaml`);
    const timeouts = '{ connect: 5s, headers: 1s, firstToken: 300ms, idle: 300ms, total: 5s }';
    await writeFile(
      scenario,
      `endpoint: { url: '${server.url}', api: ${api}, model: m, timeouts: ${timeouts} }\n`,
    );
    const load = [
      '--concurrency',
      '16',
      '--requests',
      String(requests),
      '--warmup',
      '0s',
      '--no-probe',
      '--quiet',
    ];
    const out = join(scratch, api);
    const { code, stderr } = await goodput(['run', scenario, ...load, '--out', out, '--json']);
    await server.close();
    // The run may be invalid or fail its gates.
    if (![0, 98, 99].includes(code ?? 1))
      findings.push({ kind: 'crashes', detail: `goodput run of ${api} exits with ${code}: ${stderr}` });
    const report = await goodput(['report', out, '--json']);
    if (report.code !== 0)
      findings.push({ kind: 'invalid samples', detail: `report of ${api}: ${report.stderr}` });
  }
  await rm(scratch, { recursive: true });
  return findings;
}

/** Runs the program in its own process, as users do. */
function goodput(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
}
