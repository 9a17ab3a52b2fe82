import { describe, expect, test } from 'vitest';
import { Judge } from '../../src/analysis/judging.ts';
import type { JudgeContext } from '../../src/analysis/judging.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import { sampleOf } from '../metrics/samples.ts';
import { slosOf } from './headers.ts';

function judged(limits: Record<string, number>, sample: object, context: Partial<JudgeContext> = {}): string {
  const { loop, capped } = { loop: 'open' as const, capped: false, ...context };
  const { ttft, tpot } = limits;
  const deadlines = ttft === undefined || tpot === undefined ? null : { ttft, tpot };
  const figures = new RequestFigures({ loop, clock: 'planned', deadlines });
  const read = sampleOf({ sent_us: 1000, tokens_from: 'usage', ...sample });
  figures.read(read);
  const judge = new Judge(slosOf(limits), { loop, capped });
  const judgement = judge.judge(read, figures);
  return [judgement, ...(judgement === 'failed' ? [] : judge.results)].join(' ');
}

const ANSWER = { events_us: [200_000, 100_000, 100_100], output_tokens: 3, ended_us: 400_200 };

describe('a success', () => {
  test.each([
    [{ ttft: 200 }, 'good met'],
    [{ ttft: 199.999 }, 'missed missed'],
    [{ ttft_sent: 199 }, 'good met'],
    [{ ttft_sent: 198.999 }, 'missed missed'],
    [{ tpot: 100.05 }, 'good met'],
    [{ tpot: 100.049 }, 'missed missed'],
    [{ e2e: 400.1 }, 'good met'],
    [{ e2e: 400 }, 'missed missed'],
    [{ e2e_sent: 399.1 }, 'good met'],
    [{ max_gap: 100.1 }, 'good met'],
    [{ max_gap: 100 }, 'missed missed'],
    [{ ntpot: 133.4 }, 'good met'],
    [{ ntpot: 133.3 }, 'missed missed'],
    [{ user_tps: 9.995 }, 'good met'],
    [{ user_tps: 9.9951 }, 'missed missed'],
    [{ ttft: 200, tpot: 100, on_time_share: 0.6 }, 'missed met missed met'],
    [{ ttft: 200, tpot: 100.05, on_time_share: 1 }, 'good met met met'],
    [{ dispatch_lag: 1 }, 'good met'],
    [{ send_lag: 0.999 }, 'missed missed'],
    [{ connect: 1 }, 'good not_applicable'],
    [{}, 'good'],
  ])('%j: %s', (limits, wanted) => {
    expect(judged(limits as Record<string, number>, { ...ANSWER, answer: 0 })).toBe(wanted);
  });

  test('does not miss a limit on a metric that it does not have', () => {
    const single = { events_us: [200_000], output_tokens: 1, ended_us: 200_000 };
    expect(judged({ tpot: 1, max_gap: 1, user_tps: 1000, ttfa: 1 }, single)).toBe(
      'good not_applicable not_applicable not_applicable not_applicable',
    );
    expect(judged({ ttft: 1, e2e: 1 }, { events_us: [], ended_us: 9e6 })).toBe(
      'good not_applicable not_applicable',
    );
  });
});

describe('a failure is not good, even if it was fast', () => {
  test.each([
    'http_error',
    'rate_limited',
    'stream_error',
    'stream_truncated',
    'protocol_error',
    'timeout',
    'dns',
    'connect',
    'tls',
  ])('%s', (outcome) => expect(judged({ ttft: 1000 }, { ...ANSWER, outcome })).toBe('failed'));
});

describe('a request that goodput cut off', () => {
  const waiting = { outcome: 'aborted', events_us: [], ended_us: 301_000 };
  const streaming = { outcome: 'aborted', events_us: [200_000, 50_000], answer: 0, ended_us: 301_000 };
  const unsent = { outcome: 'not_sent', sent_us: null, events_us: [], ended_us: 301_000 };

  test.each([
    // Still waiting for its first token, 301 ms after its start and 300 ms after the send.
    ['waiting', waiting, { ttft: 300.999 }, 'cut_missed missed'],
    ['waiting', waiting, { ttft: 301 }, 'censored not_applicable'],
    ['waiting', waiting, { ttft_sent: 299.999 }, 'cut_missed missed'],
    ['waiting', waiting, { ttft_sent: 300 }, 'censored not_applicable'],
    ['waiting', waiting, { ttfa: 300 }, 'cut_missed missed'],
    ['waiting', waiting, { e2e: 301 }, 'censored not_applicable'],
    ['waiting', waiting, { e2e: 300 }, 'cut_missed missed'],
    ['waiting', waiting, { e2e_sent: 299 }, 'cut_missed missed'],
    ['waiting', waiting, { max_gap: 1 }, 'censored not_applicable'],
    [
      'waiting',
      waiting,
      { tpot: 1, user_tps: 1e6, ntpot: 1 },
      'censored not_applicable not_applicable not_applicable',
    ],
    ['waiting', waiting, { ttft: 300, tpot: 1 }, 'cut_missed missed not_applicable'],
    // In the middle of its stream: last event at 250 ms, 51 ms before the cut.
    ['streaming', streaming, { ttft: 200 }, 'censored met'],
    ['streaming', streaming, { ttft: 199 }, 'cut_missed missed'],
    ['streaming', streaming, { ttft: 200, e2e: 300 }, 'cut_missed met missed'],
    ['streaming', streaming, { max_gap: 50.999 }, 'cut_missed missed'],
    ['streaming', streaming, { max_gap: 51 }, 'censored not_applicable'],
    ['streaming', streaming, { tpot: 10 }, 'censored not_applicable'],
    [
      'streaming',
      streaming,
      { ttft: 200, tpot: 1, on_time_share: 1 },
      'censored met not_applicable not_applicable',
    ],
    // Reasoning, without an answer so far.
    ['reasoning', { ...streaming, answer: null }, { ttfa: 300 }, 'cut_missed missed'],
    ['reasoning', { ...streaming, answer: null }, { ttfa: 301 }, 'censored not_applicable'],
    // Never sent: its wait since the planned instant counts, metrics from the send do not exist.
    ['unsent', unsent, { ttft: 300 }, 'cut_missed missed'],
    ['unsent', unsent, { ttft: 301 }, 'censored not_applicable'],
    [
      'unsent',
      unsent,
      { ttft_sent: 1, e2e_sent: 1, send_lag: 1 },
      'censored not_applicable not_applicable not_applicable',
    ],
    ['unsent', unsent, { dispatch_lag: 300 }, 'cut_missed missed'],
    ['unsent', unsent, { queue_wait: 300 }, 'censored not_applicable'],
    ['any', waiting, {}, 'censored'],
  ])('%s %#: %j %j is %s', (_, sample, limits, wanted) => {
    expect(judged(limits as Record<string, number>, sample)).toBe(wanted);
  });

  test('the longest gap before the cut-off counts, and so does the open one', () => {
    const stalled = { outcome: 'aborted', events_us: [10_000, 200_000], ended_us: 211_000 };
    expect(judged({ max_gap: 199 }, stalled)).toBe('cut_missed missed');
  });

  test('under a cap its wait for a slot counts; in closed loop there is none', () => {
    expect(judged({ queue_wait: 300 }, unsent, { capped: true })).toBe('cut_missed missed');
    expect(judged({ dispatch_lag: 300, queue_wait: 300 }, unsent, { loop: 'closed' })).toBe(
      'censored not_applicable not_applicable',
    );
  });
});
