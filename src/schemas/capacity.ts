import type { CapacityDocument, ListedWindow } from '../capacity/capacity-document.ts';
import { SEARCH_NOTE_CODES } from '../capacity/search-notes.ts';
import { list, nullable, number, object, oneOf, optional, record, string } from '../document/definition.ts';
import { SCHEMA_VERSION } from '../record/run-json.ts';
import { codesIn, SIMULATED } from './common.ts';

interface Ends {
  value: number;
  low: number;
  high: number;
}

const SHARE = object<Ends>(
  {
    value: number('Estimate, 0 to 1.'),
    low: number('Lower end of the interval, 0 to 1.'),
    high: number('Upper end of the interval, 0 to 1.'),
  },
  'Attainment.',
);

const WINDOW = object<ListedWindow>(
  {
    kind: oneOf(
      ['single', 'bracket', 'refinement'],
      '`single`: requests one after another. `bracket`: finds one load that passes and one that fails. `refinement`: narrows the interval.',
    ),
    rate_rps: number(
      'Planned load in requests per second, or in sessions per second if `unit` is `sessions`; closed loop: completed requests per second.',
    ),
    concurrency: nullable(
      number('Requests in flight, or users if `unit` is `sessions`; `null` in open loop.'),
    ),
    offered_rps: number(
      'Requests that were sent in warm-up and window, per second. With sessions these are turns, of which `rate_rps` does not count the later ones.',
    ),
    attainment: object<ListedWindow['attainment']>(
      {
        value: nullable(number('Attainment, 0 to 1; `null`: no request was judged.')),
        low: nullable(number('Lower end of the interval, 0 to 1.')),
        high: nullable(number('Upper end of the interval, 0 to 1.')),
      },
      'Attainment in the window.',
    ),
    judged: number('Requests that were judged.'),
    good: number('Requests that were good.'),
    window_s: number('Length of the window, in seconds.'),
    took_s: number('Warm-up, window and cooldown, in seconds.'),
    completed_rps: number('Requests completed in the window, per second.'),
    e2e_ms: nullable(number('Mean end-to-end latency of the successes, in milliseconds.')),
    missed: record(number('Requests.'), 'SLO (or `failed`, `late`) → requests that missed it.'),
    ended: oneOf(
      ['full', 'clear', 'aborted', 'interrupted'],
      'How the window ended. `clear`: attainment was far from the target. `aborted`: most requests were not good.',
    ),
    void: nullable(string('Why the window does not count; `null`: it counts.')),
    contended: nullable(string('Programs that competed with goodput for the CPU.')),
    suspect: nullable(string('Doubt of the self-audit about goodput itself.')),
    repeats: nullable(number('Number of the earlier window at the same load.')),
    dropped: nullable(string('Why the answer does not use the window: a repetition replaced it.')),
    seed: number('Seed of the run.'),
    run: nullable(string('Run folder, beside capacity.json.')),
  },
  'A search window.',
);

/** `capacity.json`, in the order of its keys. */
export const CAPACITY = object<CapacityDocument>(
  {
    simulated: SIMULATED,
    schemaVersion: oneOf([SCHEMA_VERSION], 'Version of this document.'),
    capacity_rps: nullable(number('Highest load that meets the target, in requests per second.')),
    low_rps: nullable(number('Lower end of its interval, in requests per second.')),
    high_rps: nullable(number('Upper end of its interval, in requests per second.')),
    target: number('Share of good requests that the search is for, 0 to 1.'),
    status: oneOf(
      ['estimated', 'never_met', 'never_the_limit', 'client_limited', 'undecided', 'unanswered'],
      '`estimated`: there is a capacity. Otherwise why there is none; docs/capacity.md describes each.',
    ),
    binding: nullable(string('SLO that most of the bad requests missed near the capacity.')),
    by: oneOf(['rate', 'concurrency'], 'What the load is counted in.'),
    unit: optional(
      oneOf(
        ['sessions'],
        'The load counts sessions per second (by rate) or users (by concurrency); only if sessions have several turns.',
      ),
    ),
    think: optional(string('Time between an answer and the next turn, in words; only with `unit`.')),
    capacity_concurrency: nullable(number('Highest number of requests in flight; only by concurrency.')),
    low_concurrency: nullable(number('Lower end of its interval.')),
    high_concurrency: nullable(number('Upper end of its interval.')),
    confidence: number('Confidence of the intervals, 0 to 1.'),
    stopped: oneOf(
      [
        'width',
        'budget',
        'never_met',
        'never_the_limit',
        'client_limited',
        'undecided',
        'unanswered',
        'interrupted',
      ],
      'Why the search stopped. `width`: the interval is narrow enough.',
    ),
    reason: string('The answer in words, with its reason.'),
    gpus: nullable(number('Number of GPUs, if it was given.')),
    per_gpu_rps: nullable(
      object<Ends>(
        {
          value: number('Capacity ÷ GPUs, in requests per second.'),
          low: number('Lower end of the interval, in requests per second.'),
          high: number('Upper end of the interval, in requests per second.'),
        },
        'Capacity per GPU, in requests per second.',
      ),
    ),
    completed_rps: nullable(number('Most requests completed per second while the target was met.')),
    best: nullable(
      object<NonNullable<CapacityDocument['best']>>(
        {
          load: number('Load: requests per second, or requests in flight.'),
          attainment: number('Attainment, 0 to 1.'),
        },
        'The window with the highest attainment.',
      ),
    ),
    design_effect: nullable(number('Variance of the attainment ÷ the binomial variance.')),
    spent_s: number('Time that the windows took, in seconds.'),
    probes: list(WINDOW, 'Search windows in the order of time.'),
    curve: list(
      object<CapacityDocument['curve'][number]>(
        {
          load: number('Load: requests per second, or requests in flight.'),
          attainment: SHARE,
        },
        'Attainment at a load.',
      ),
      'Attainment by load, from all windows together.',
    ),
    notes: list(string('A sentence.'), 'Doubts about the answer.'),
    note_codes: codesIn(SEARCH_NOTE_CODES, 'notes'),
    verdict: object<CapacityDocument['verdict']>(
      {
        status: oneOf(
          ['none', 'invalid', 'interrupted'],
          '`none`: there is an answer, and no gate to judge.',
        ),
        exitCode: number('Exit code of the process.'),
      },
      'The verdict.',
    ),
  },
  'capacity.json of goodput: what goodput capacity --json prints.',
);
