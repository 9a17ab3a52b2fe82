/** @module-tag timed */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { BUSY } from '../busy.ts';
import { NO_REHEARSAL } from '../environment.ts';
import { goodput, scratchFolder, serve, start } from './goodput.ts';

/**
 * Runs that must not be believed, and runs that must, through the whole program. A stalled machine can make any run
 * suspect or invalid, so where a run has to be found sound it may try three times.
 */
const scratch = await scratchFolder();
let count = 0;

/** Loaded into every thread of the measuring process, which does not rehearse; the program itself has no switch for it. */
const hook = (name: string, env: Record<string, string> = {}): { env: Record<string, string> } => ({
  env: {
    ...env,
    NODE_OPTIONS: [...NO_REHEARSAL, '--import', join(import.meta.dirname, 'hooks', `${name}.mjs`)].join(' '),
  },
});

interface Outcome {
  code: number | null;
  summary: Summary;
  reasons: string;
  /** Reasons that no stall of the machine explains. */
  others: string[];
}

/** Findings that are correct on a machine that stalls. */
const OF_THE_MACHINE = /goodput itself sent|was blocked|failed to send|was busy|Garbage collection/;

/** A process of its own, since what else the tests do is no part of the audit. */
const OWN = { ownProcess: true };

async function run(
  args: readonly string[],
  options: { ownProcess?: boolean; env?: Record<string, string> } = OWN,
): Promise<Outcome> {
  const out = join(scratch, `audit-${count++}`);
  const { code, stdout, stderr } = await goodput(
    ['run', '--quiet', '--json', '--out', out, ...args],
    options,
  );
  if (stdout === '') throw new Error(stderr);
  const summary = JSON.parse(stdout) as Summary;
  return {
    code,
    summary,
    reasons: summary.audit.reasons.join('\n'),
    others: summary.audit.reasons.filter((reason) => !OF_THE_MACHINE.test(reason)),
  };
}

/** Tells whether a finding is not about the processor time that other guests of the machine took. */
const notOfGuests = (code: string): boolean => code !== 'stolen_time';

/** The first of three outcomes that is as it should be on a machine that does not stall; else the last. */
async function eventually(
  sound: (outcome: Outcome) => boolean,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const options = { ...OWN, env };
  let outcome = await run(args, options);
  for (let k = 0; k < 2 && !sound(outcome); k++) outcome = await run(args, options);
  return outcome;
}

const event = (text: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`;

const END = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { prompt_tokens: 20, completion_tokens: 2 } })}\n\ndata: [DONE]\n\n`;

/** A server that answers one request after the other, each in `each_ms`; its queue has no bound. */
async function oneByOne(each_ms: number): Promise<string> {
  const queue: ServerResponse[] = [];
  let busy = false;
  const next = (): void => {
    const response = queue.shift();
    busy = response !== undefined;
    if (response === undefined) return;
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(event('a') + event('b') + END);
      next();
    }, each_ms);
  };
  const { url } = await serve((request, response) => {
    request.resume();
    if (request.method === 'GET') {
      response.end('{"data":[{"id":"m"}]}');
      return;
    }
    queue.push(response);
    if (!busy) next();
  });
  return `${url}/v1`;
}

const LIGHT = ['--input-tokens', '20', '--output-tokens', '5', '--warmup', '300ms', '--no-probe'];

describe('a run that goodput itself spoilt', { timeout: 120_000 }, () => {
  it('by a worker that stands still for 200 ms of every second is suspect or invalid, and says so', async () => {
    const { summary, reasons } = await run(
      [...LIGHT, '--rate', '20/s', '--duration', '2s'],
      hook('block-worker'),
    );
    expect(['suspect', 'invalid']).toContain(summary.audit.status);
    expect(reasons).toMatch(/A load worker was blocked for \d+/);
    expect(reasons).toMatch(/goodput itself sent .* late/);
    // A timer of its own can only be later than the block is long.
    expect(summary.audit.event_loop_delay_max_ms).toBeGreaterThan(150);
    expect(summary.audit.send_lag_p99_ms).toBeGreaterThan(50);
  });

  it('by a worker that is blocked for 20 ms of every 100 ms is suspect or invalid, and says what was late', async () => {
    const { summary, reasons } = await run(
      [...LIGHT, '--rate', '20/s', '--duration', '2s', '--output-tokens', '20'],
      hook('block-worker', { BLOCK_MS: '20', BLOCK_EVERY_MS: '100' }),
    );
    expect(['suspect', 'invalid']).toContain(summary.audit.status);
    expect(reasons).toMatch(/stamped events late: one in a hundred by \d.* the median ITL is \d/);
    // 5 % of all instants lie in the first 5 ms of the 20.
    expect(summary.audit.event_loop_delay_p95_ms).toBeGreaterThan(10);
  });

  it('by being stopped from outside is invalid, and the server is not blamed', async () => {
    const out = join(scratch, `audit-${count++}`);
    const load = ['--rate', '10/s', '--duration', '3s'];
    const { child, ended } = start(['run', '--json', '--out', out, ...LIGHT, ...load]);
    // In the middle of the window, however long the start took.
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (text: string) => {
        if (/^measure /m.test(text)) resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 1800));
    child.kill('SIGCONT');
    const { code, stdout } = await ended;
    const { audit } = JSON.parse(stdout) as Summary;
    expect(code).toBe(98);
    expect(audit.status).toBe('invalid');
    expect(audit.event_loop_delay_max_ms).toBeGreaterThan(1500);
    expect(audit.reasons.join('\n')).toMatch(/blocked for \d+/);
    expect(audit.reasons.join('\n')).not.toContain('Overload');
    expect(audit.findings.join('\n')).not.toContain('the server took');
  });

  it('by a rate beyond the machine is invalid, says so, and ends in time', async () => {
    const { code, summary, reasons } = await run([
      '--input-tokens',
      '5',
      '--output-tokens',
      '1',
      '--no-probe',
      '--warmup',
      '0s',
      '--rate',
      '20000/s',
      '--duration',
      '100ms',
      '--drain',
      '100ms',
    ]);
    expect(code).toBe(98);
    expect(summary.verdict.status).toBe('invalid');
    expect(reasons).toMatch(/goodput failed to send \d+ of \d+ requests in time/);
    expect(reasons).toContain('lower');
    expect(reasons).not.toContain('Overload');
    expect(summary.audit.finding_codes.filter(notOfGuests)).toEqual([]);
    // Every request that was planned has its line, sent or not.
    expect(summary.counts.cohort).toBe(summary.counts.planned);
  });
});

describe('a run that shows something of the server', { timeout: 120_000 }, () => {
  it('a dead endpoint: invalid, for nothing was measured', async () => {
    const { server, url } = await serve((_, response) => response.end());
    await new Promise((resolve) => server.close(resolve));
    const args = ['--url', `${url}/v1`, ...LIGHT, '--rate', '20/s', '--duration', '500ms'];
    // Nothing is measured, so this process will do.
    const { code, reasons } = await run(args, {});
    expect(code).toBe(98);
    expect(reasons).toMatch(/Nothing was measured: .*ECONNREFUSED/);
  });

  it('a server that cannot keep up: valid, and named as overload', async ({ skip }) => {
    const url = await oneByOne(20);
    const args = ['--url', url, '--model', 'm', ...LIGHT, '--rate', '100/s', '--arrivals', 'constant'];
    const outcome = await eventually(
      ({ summary }) => summary.audit.status === 'valid',
      [...args, '--duration', '2s', '--drain', '30s'],
    );
    const { audit } = outcome.summary;
    expect(outcome.others).toEqual([]);
    if (outcome.reasons === '') {
      expect([audit.status, outcome.code]).toEqual(['valid', 0]);
      expect(audit.findings[0]).toMatch(
        /^Overload: the server completes [\d.]+ of 100 req\/s offered; try `goodput capacity`\. From the first to the second half/,
      );
      expect(audit.finding_codes.slice(1).filter(notOfGuests)).toEqual([]);
    }
    expect(audit.steady).toMatchObject({ state: 'overloaded', overload: true });
    // 100/s arrive and 50/s leave: 50 more wait with every second, 50 between the middles of the halves.
    expect(audit.steady!.second.in_flight - audit.steady!.first.in_flight).toBeGreaterThan(30);
    expect(audit.steady!.second.ttft_ms!).toBeGreaterThan(audit.steady!.first.ttft_ms!);
    if (outcome.reasons !== '') skip(BUSY);
  });

  it('a cap that holds back: valid, and named', async ({ skip }) => {
    const url = await oneByOne(20);
    const args = ['--url', url, '--model', 'm', ...LIGHT, '--rate', '70/s', '--max-concurrency', '2'];
    const outcome = await eventually(
      ({ summary }) => summary.audit.status === 'valid',
      [...args, '--duration', '1s', '--drain', '30s'],
    );
    const { summary } = outcome;
    expect(outcome.others).toEqual([]);
    if (outcome.reasons === '') expect([summary.audit.status, outcome.code]).toEqual(['valid', 0]);
    expect(summary.audit.findings.join('\n')).toMatch(
      /The planned rate was not reached: .* the server kept all 2 requests in flight that the cap allows/,
    );
    expect(summary.audit.sent_share).toBeLessThan(0.9);
    if (outcome.reasons !== '') skip(BUSY);
  });

  it('an end that cuts many streams is no stall: nothing is stamped any more', async () => {
    const { url } = await serve((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event('a'));
      // The list of models is not waited for.
      if (request.method === 'GET') response.end();
    });
    const args = ['--url', `${url}/v1`, '--model', 'm', ...LIGHT, '--rate', '20/s', '--arrivals', 'constant'];
    // 20 streams and more, each of which takes 20 ms to close.
    const { summary } = await eventually(
      (outcome) => outcome.summary.audit.event_loop_delay_max_ms! < 200,
      [...args, '--duration', '1s', '--drain', '200ms'],
      hook('slow-close').env,
    );
    expect(summary.counts.outcomes.aborted).toBeGreaterThanOrEqual(20);
    expect(summary.audit.event_loop_delay_max_ms).toBeLessThan(200);
  });

  it('an ordinary run: valid, nothing said, and its figures fit together', async () => {
    const { summary, others, reasons } = await eventually(
      (outcome) => outcome.summary.audit.status === 'valid',
      [...LIGHT, '--rate', '20/s', '--duration', '1s'],
      // Its load worker rehearses, as in runs of users.
      { NODE_OPTIONS: '' },
    );
    const { audit, counts } = summary;
    expect(others).toEqual([]);
    expect(audit.status === 'valid').toBe(reasons === '');
    expect(audit.sent_share).toBeGreaterThan(0.9);
    expect(audit.token_share).toEqual({ usage: 1 });
    expect(audit.connections_opened).toBeLessThanOrEqual(counts.cohort);
    expect(audit.send_lag_p50_ms!).toBeLessThanOrEqual(audit.send_lag_p99_ms!);
    expect(audit.send_lag_p99_ms!).toBeLessThanOrEqual(audit.send_lag_max_ms!);
    expect(audit.send_lag_max_ms!).toBeLessThanOrEqual(audit.dispatch_lag_max_ms!);
    expect(audit.cpu_user_share!).toBeGreaterThan(0);
    expect(audit.gc_pause_max_ms!).toBeLessThanOrEqual(audit.gc_pauses_ms!);
    expect(audit.workers.map(({ worker }) => worker)).toEqual([0]);
    expect(audit.main).not.toBeNull();
    if (process.platform === 'linux') expect(audit.host!.busy_share).toBeGreaterThan(0);
  });
});
