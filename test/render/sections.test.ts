import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/analysis/report.ts';
import { failures, folder, notes } from '../../src/render/run/appendix.ts';
import { audit } from '../../src/render/run/audit.ts';
import { attainment } from '../../src/render/run/attainment.ts';
import { headline } from '../../src/render/run/headline.ts';
import { measured } from '../../src/render/run/measured.ts';
import { openPage } from '../../src/render/layout/style.ts';
import { renderText, type Judged } from '../../src/render/run/text.ts';
import { throughput } from '../../src/render/run/throughput.ts';
import * as reports from './reports.ts';

const page = openPage({ color: false, unicode: true, width: 80 });
const top = (judged: Judged): string[] => headline(judged, page);

/** Returns the beginnings of the sections, from top to bottom. */
const order = (judged: Judged): (string | undefined)[] => {
  const lines = renderText(judged, { color: false, unicode: false, width: 80 }).split('\n');
  return lines.flatMap(
    (line) => /^(?: {2}(?:pass|FAIL)|[A-Z]+(?= )|Audit|Goodput)/.exec(line)?.[0].trim() ?? [],
  );
};

/** Returns the line of the load, unwrapped. */
const loadOf = (load: Partial<Report['load']>): string => {
  const { report } = reports.passing();
  report.load = { ...report.load, ...load };
  return measured(report, page)
    .join('\n')
    .replace(/^.*\nLoad +(.*)\nRequests.*$/s, '$1')
    .replaceAll(/\n +/g, ' ');
};

describe('the verdict', () => {
  it('counts gates', () => {
    const judged = reports.passing();
    expect(top(judged).join()).toMatch(/^PASS  chat-interactive: .*\b3 gates.* \(exit 0\)$/);
    judged.verdict.gates = judged.verdict.gates.slice(1, 2);
    expect(top(judged).join()).toMatch(/^PASS  chat-interactive: .*gate passed \(exit 0\)$/);
    judged.verdict = { ...judged.verdict, status: 'fail', exitCode: 99 };
    expect(top(judged).join()).toMatch(/^FAIL  chat-interactive: .*gate failed \(exit 99\)$/);
  });

  it('has the hint if SLOs but no gates are declared', () => {
    const judged = reports.simulated();
    judged.verdict.hint = 'Add a gate.';
    const [first, ...others] = top(judged);
    expect(first).toMatch(/^NO GATES  SIMULATED, chat-interactive: .* \(exit 0\)$/);
    expect(others).toEqual(['  hint: Add a gate.']);
  });

  it('says that --strict makes a suspect run invalid', () => {
    const judged = reports.failing();
    judged.verdict = { ...judged.verdict, status: 'invalid', exitCode: 98 };
    expect(top(judged).join()).toMatch(/^INVALID  chat-interactive: suspect.* --strict .*\(exit 98\)$/);
  });

  it('shows how the process exits, or how the run exited that is shown again', () => {
    const judged = reports.interrupted();
    judged.report.run = { ...judged.report.run, status: 'failed', reason: 'the disk is full' };
    const [first, second] = top(judged);
    expect(first).toMatch(/^INTERRUPTED  chat-interactive: /);
    expect(first).toContain('(exit 105)');
    const firstWith = (exits: Judged['exits']): string => top({ ...judged, exits }).join(' ');
    expect(firstWith({ of: 'run', code: 1 })).toMatch(/stopped early \(the run exited 1\) /);
    expect(firstWith({ of: 'none' })).toMatch(/stopped early  /);
    expect(firstWith({ of: 'command', code: 105 })).toMatch(/ \(exit 105\) /);
    expect(firstWith({ of: 'command', code: 99 })).toMatch(/ \(on its own: exit 105\) /);
    expect(firstWith({ of: 'command', code: 1, because: 'of a flood' })).toMatch(
      / \(exit 1, because +of a flood\)/,
    );
    expect(second).toMatch(/^  The run failed \(the disk is full\)/);
  });

  it('comes first; an audit that is not valid comes next, before the gates if it decides', () => {
    expect(order(reports.passing())).toEqual(['PASS', 'pass', 'pass', 'pass', 'Goodput', 'SLO', 'Audit']);
    expect(order(reports.failing())).toEqual(['FAIL', 'FAIL', 'pass', 'FAIL', 'Audit', 'Goodput', 'SLO']);
    expect(order(reports.dead())).toEqual(['INVALID', 'Audit', 'FAIL', 'Goodput', 'SLO']);
  });
});

describe('what was measured', () => {
  it.each<[Partial<Report['load']>, string]>([
    [{}, 'open loop, Poisson 5/s, 60 s window after 10 s warm-up, seed 42'],
    [
      { arrivals: 'constant', rate_rps: 0.5, warmup_s: 0, window_s: 600 },
      'open loop, constant 30/min, 10 min window without warm-up, seed 42',
    ],
    [
      { arrivals: 'gamma', burstiness: 0.25 },
      'open loop, gamma (burstiness 0.25) 5/s, 60 s window after 10 s warm-up, seed 42',
    ],
    [
      {
        rate_rps: null,
        stages: [
          { from_rps: 1, to_rps: 20, for_s: 60 },
          { from_rps: 20, to_rps: 20, for_s: 90 },
        ],
        window_s: 150,
      },
      'open loop, Poisson 1/s to 20/s over 60 s, then 20/s for 90 s, 2 min 30 s window after 10 s warm-up, seed 42',
    ],
    [
      { max_concurrency: 64, clock: 'sent' },
      'open loop, Poisson 5/s, at most 64 in flight, 60 s window after 10 s warm-up, latencies from the send, not the planned instant, seed 42',
    ],
    [
      { loop: 'closed', arrivals: null, rate_rps: null, concurrency: 16, requests: 500, window_s: 98.34 },
      'closed loop, 16 in flight, 500 requests in a 98.3 s window after 10 s warm-up, seed 42',
    ],
  ])('describes the load: %j', (load, words) => {
    expect(loadOf(load)).toBe(words);
  });

  it('says that an endpoint is simulated', () => {
    const [first, second] = measured(reports.simulated().report, page);
    expect(first).toMatch(/^Endpoint    SIMULATED /);
    expect(second).toBe('            http://127.0.0.1:40123/v1, chat API, model simulated');
  });

  it('accounts for every request', () => {
    const { report } = reports.failing();
    report.counts.lost = 7;
    const text = measured(report, page).slice(2).join('\n').replaceAll(/\s+/g, ' ');
    expect(text).toMatch(
      /^Requests 60 planned, 60 sent, 58 judged: 52 ok, 5 failed \(8\.62%\), 1 cut off .*; 2 cut off .*; 7 lost/,
    );
  });
});

describe('goodput and attainment', () => {
  it('shows no interval if there is none', () => {
    const { report } = reports.passing();
    report.slo!.attainment = { value: 0.9, low: null, high: null, kind: 'independent' };
    expect(attainment(report, page)[1]).toBe('Attainment  90%, 280 of 300 good');
    report.slo!.attainment = { value: null, low: null, high: null, kind: 'independent' };
    expect(attainment(report, page)[1]).toMatch(/^Attainment  none\b/);
  });

  it('states limits as they are declared, to the last digit', () => {
    const { report } = reports.passing();
    const each = { met: 1, missed: 0, not_applicable: 0, failed: 0 };
    report.slo!.limits = { ttft: 1234.5, tpot: 0.125, user_tps: 20, on_time_share: 0.999 };
    report.slo!.each = { ttft: each, tpot: each, user_tps: each, on_time_share: each };
    expect(
      attainment(report, page)
        .slice(4)
        .map((line) => line.split(/ {2,}/)[0]),
    ).toEqual(['ttft <= 1234.5ms', 'tpot <= 0.125ms', 'user_tps >= 20/s', 'on_time_share >= 99.9%']);
  });
});

describe('throughput and tokens', () => {
  it('shows input and output separately and never adds them', () => {
    const { report } = reports.passing();
    const text = throughput(report, page).join('\n');
    expect(text).toContain('output 632.4, input 2541 tok/s');
    expect(text).not.toContain('3174');
  });

  it('says that events are not tokens', () => {
    const { report } = reports.passing();
    report.tokens.from = { events: 300 };
    const [source, warning] = throughput(report, page).slice(3, 5);
    expect(source).toBe('Tokens      counted by events (300)');
    expect(warning).toMatch(/EVENTS, not tokens/);
  });

  it('lists the finish reasons, the most frequent first', () => {
    const { report } = reports.passing();
    report.counts.finish = { a: 1, stop: 200, '': 3, length: 90, b: 2, c: 1 };
    expect(throughput(report, page).at(-1)).toBe(
      'Finish      stop (200), length (90), "" (3), b (2), 2 other reasons',
    );
  });
});

describe('failures and notes', () => {
  const failure = { outcome: 'http_error', count: 12_345, example: 'x', status: 500 } as const;

  it('shows a class with its example on two lines at most', () => {
    const { report } = reports.passing();
    report.failures = [
      { ...failure, example: 'word '.repeat(60) },
      { outcome: 'dns', count: 2, example: '', status: null },
      { outcome: 'connect', count: 1, example: '', status: 502 },
      { outcome: 'http_error', count: 1, example: 'HTTP 500 is what I say', status: 503 },
    ];
    expect(failures(report, page)).toEqual([
      'Failures',
      '  http_error  12,345  HTTP 500: word word word word word word word word word',
      '                      word word word word word word word word word word word…',
      '  dns              2',
      '  connect          1  HTTP 502',
      '  http_error       1  HTTP 503: HTTP 500 is what I say',
    ]);
  });

  it('lists findings before notes', () => {
    const judged = reports.failing();
    judged.audit.findings = [{ code: 'rate_not_reached', text: 'The planned rate was not reached.' }];
    const text = renderText(judged, { color: false, unicode: true, width: 80 });
    expect(text).toContain('\nNotes\n  • The planned rate was not reached.\n  • Input was 548 tokens');
  });

  it('limits the number of failures and notes, and says how many more there are', () => {
    const { report } = reports.passing();
    report.failures = Array.from({ length: 10 }, () => failure);
    expect(failures(report, page).slice(-2)).toEqual(['  http_error  12,345  HTTP 500: x', '  and 2 more']);
    const sentences = Array.from({ length: 11 }, (_, i) => (i === 3 ? '\x1b[1m' : `Sentence ${i}.`));
    expect(notes(sentences, page)).toHaveLength(10);
    expect(notes(sentences, page).slice(-2)).toEqual(['  • Sentence 8.', '  and 2 more in summary.json']);
  });
});

describe('the audit', () => {
  it('prints the advice that reasons share once, below the last of them', () => {
    const reason = (rule: string, advice: string) => ({
      rule,
      level: 'suspect' as const,
      text: rule,
      advice,
    });
    const reasons = [reason('a', 'one'), reason('b', 'one'), reason('c', 'two')];
    const lines = audit({ ...reports.passing().audit, reasons }, page).map((line) => line.trim());
    expect(lines.slice(-5)).toEqual(['• a', '• b', 'one', '• c', 'two']);
  });
});

describe('the run folder', () => {
  it.each([
    ['reports/a-1', 'goodput report reports/a-1'],
    ['my runs/a', "goodput report 'my runs/a'"],
    ["it's", String.raw`goodput report 'it'\''s'`],
    ['~/a', "goodput report '~/a'"],
    ['$(reboot)', "goodput report '$(reboot)'"],
  ])('%s is shown again by %s', (dir, command) => {
    const { report } = reports.passing();
    report.run.dir = dir;
    expect(folder(report, page)).toEqual([
      `Run         ${dir}`,
      '            started 2026-03-01T12:00:00Z, goodput 0.1.0',
      `Show again  ${command}`,
    ]);
  });

  it('offers no command for a path that a terminal cannot show', () => {
    const { report } = reports.passing();
    report.run.dir = 'a\x1b[2Jb';
    expect(folder(report, page).map((line) => line.split(' ')[0])).toEqual(['Run', '']);
  });
});
