import { levelUnit } from '../load-text.ts';
import { codesOf, textsOf } from '../analysis/note.ts';
import { EXIT } from '../errors.ts';
import { effectiveWilson } from '../statistics/share.ts';
import { conclusionOf, lowestOf } from './conclusion.ts';
import { evidenceOf, isSameLoad } from './evidence.ts';
import { effectiveRequests, pooledDesign } from './noise.ts';
import { notesOn, type SearchNote } from './search-notes.ts';
import { loadOf, type Posterior } from './posterior.ts';
import { type CapacityStatus, reasonOf } from './reason.ts';
import { attainmentOf, type Axis, counts, passes, type SearchWindow } from './search-window.ts';
import type { Found, SearchSettings, Stopped } from './capacity-search.ts';

const SCHEMA_VERSION = 1;
const CONFIDENCE = 0.9;

export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** One window as the document lists it. */
export interface ListedWindow {
  kind: SearchWindow['kind'];
  rate_rps: number;
  /** `null` in open loop. */
  concurrency: number | null;
  /** Requests sent in warm-up and window, per second. */
  offered_rps: number;
  attainment: { value: number | null; low: number | null; high: number | null };
  /** Requests that were judged, and the good ones. */
  judged: number;
  good: number;
  window_s: number;
  took_s: number;
  completed_rps: number;
  e2e_ms: number | null;
  missed: Readonly<Record<string, number>>;
  ended: SearchWindow['ended'];
  /** Why it does not count. */
  void: string | null;
  /** Programs that competed with goodput for the CPU during the window, in words. */
  contended: string | null;
  /** The doubt of the self-audit about goodput itself. */
  suspect: string | null;
  /** Number of the window whose load this one tested again. */
  repeats: number | null;
  /** Why the answer does not use it: a repetition replaced it. */
  dropped: string | null;
  seed: number;
  run: string | null;
}

/** The document that `goodput capacity --json` prints, and `capacity.json` holds. */
export interface CapacityDocument {
  /** Only of a simulated endpoint. */
  simulated?: true;
  schemaVersion: number;
  capacity_rps: number | null;
  low_rps: number | null;
  high_rps: number | null;
  target: number;
  status: CapacityStatus;
  binding: string | null;
  by: Axis;
  /** Only if sessions have several turns: the load counts sessions per second, or users. */
  unit?: 'sessions';
  /** Only with `unit`: the time between an answer and the next turn, in words. */
  think?: string;
  /** With `--by concurrency`: the highest number in flight; `capacity_rps` is then what is completed at it. */
  capacity_concurrency: number | null;
  low_concurrency: number | null;
  high_concurrency: number | null;
  confidence: number;
  /** Why the search stopped. */
  stopped: Stopped;
  /** The answer in words, with its reason. */
  reason: string;
  gpus: number | null;
  /** DistServe's figure: the capacity ÷ GPUs. */
  per_gpu_rps: Interval | null;
  /** Highest completed rate with the target met. */
  completed_rps: number | null;
  /** Highest attainment, and its load. */
  best: { load: number; attainment: number } | null;
  design_effect: number | null;
  spent_s: number;
  probes: readonly ListedWindow[];
  /** Attainment by load, from all windows together. */
  curve: readonly { load: number; attainment: Interval }[];
  notes: readonly string[];
  /** The codes of the notes, in the same order. */
  note_codes: readonly SearchNote['code'][];
  verdict: CapacityVerdict;
}

/** How the sessions of a search follow each other. */
export interface SessionLoad {
  /** The time between an answer and the next turn, in words. */
  think: string;
}

/** `none`: there is an answer, and no gate. `invalid`: there is no answer that can be trusted. */
export interface CapacityVerdict {
  status: 'none' | 'invalid' | 'interrupted';
  exitCode: number;
}

export function documentOf(
  { windows, stopped, posterior: fitted }: Found,
  { axis, target }: Pick<SearchSettings, 'axis' | 'target'>,
  gpus: number | null,
  simulated = false,
  sessions: SessionLoad | null = null,
): CapacityDocument {
  const evidence = evidenceOf(windows, target);
  const used = evidence.used.filter(counts);
  const { status, doubt } = conclusionOf(windows, used, fitted, { axis, target });
  const verdict = verdictOn(status, stopped);
  const notes = notesOn(windows, evidence, { target, hasAnswer: verdict.exitCode === EXIT.ok });
  const posterior = status === 'estimated' ? fitted : null;
  const design = posterior?.design ?? pooledDesign(used);
  const met = used.filter((window) => passes(window, target));
  const highest = met.length === 0 ? null : met.reduce((a, b) => (b.level > a.level ? b : a));
  const best = used.length === 0 ? null : used.reduce((a, b) => (attainmentOf(b) > attainmentOf(a) ? b : a));
  const completed = met.length === 0 ? null : Math.max(...met.map(({ completed_rps }) => completed_rps));
  const levels = levelsOf(status, posterior, windows, highest, completed, axis);
  const rates =
    axis === 'rate' ? levels : mapped(levels, (level) => (level === 0 ? 0 : completedAt(used, level)));
  return {
    ...(simulated ? { simulated } : {}),
    schemaVersion: SCHEMA_VERSION,
    capacity_rps: rates.value,
    low_rps: rates.low,
    high_rps: rates.high,
    target,
    status,
    binding: status === 'estimated' || status === 'never_met' ? bindingOf(used, posterior, axis) : null,
    by: axis,
    ...(sessions === null ? {} : { unit: 'sessions', think: sessions.think }),
    capacity_concurrency: axis === 'rate' ? null : levels.value,
    low_concurrency: axis === 'rate' ? null : levels.low,
    high_concurrency: axis === 'rate' ? null : levels.high,
    confidence: CONFIDENCE,
    stopped,
    reason: reasonOf(status, {
      stopped,
      best,
      target,
      unit: levelUnit(axis, sessions === null ? undefined : 'sessions'),
      doubt,
      lowest: lowestOf(used),
      unanswered: windows.findLast(({ kind }) => kind === 'single')?.void ?? null,
    }),
    gpus,
    per_gpu_rps:
      gpus === null || posterior === null
        ? null
        : { value: rates.value! / gpus, low: rates.low! / gpus, high: rates.high! / gpus },
    completed_rps: completed,
    best: best === null ? null : { load: best.level, attainment: attainmentOf(best) },
    design_effect: posterior === null ? null : design,
    spent_s: windows.reduce((sum, { took_s }) => sum + took_s, 0),
    probes: windows.map((window, at) => ({
      ...listed(window, axis, design),
      repeats: repeatedBy(window, windows.slice(0, at)),
      dropped: evidence.dropped.get(window.number) ?? null,
    })),
    curve: posterior === null ? [] : curveOf(posterior),
    notes: textsOf(notes),
    note_codes: codesOf(notes),
    verdict,
  };
}

/** Returns the number of the earlier window that a window repeats: the latest one at the same load. */
const repeatedBy = (window: SearchWindow, earlier: readonly SearchWindow[]): number | null =>
  window.kind === 'single' ? null : (earlier.findLast((other) => isSameLoad(other, window))?.number ?? null);

function verdictOn(status: CapacityStatus, stopped: Stopped): CapacityVerdict {
  if (stopped === 'interrupted') return { status: 'interrupted', exitCode: EXIT.interrupted };
  return ['client_limited', 'unanswered', 'undecided'].includes(status)
    ? { status: 'invalid', exitCode: EXIT.invalid }
    : { status: 'none', exitCode: EXIT.ok };
}

type Ends = { value: number | null; low: number | null; high: number | null };

/** The answer on the axis of the search. */
function levelsOf(
  status: CapacityStatus,
  posterior: Posterior | null,
  windows: readonly SearchWindow[],
  highest: SearchWindow | null,
  completed: number | null,
  axis: Axis,
): Ends {
  if (posterior !== null) {
    const { median: value, low, high } = posterior;
    if (axis === 'rate') return { value, low, high };
    return { value: Math.floor(value), low: Math.floor(low), high: Math.ceil(high) };
  }
  const tried = windows.filter(counts).map(({ level }) => level);
  switch (status) {
    case 'never_met':
      return { value: 0, low: 0, high: Math.min(...tried) };
    case 'never_the_limit':
      return { value: null, low: axis === 'rate' ? completed : (highest?.level ?? null), high: null };
    default:
      return { value: null, low: highest?.level ?? null, high: null };
  }
}

const mapped = ({ value, low, high }: Ends, f: (each: number) => number | null): Ends => ({
  value: value === null ? null : f(value),
  low: low === null ? null : f(low),
  high: high === null ? null : f(high),
});

/** Returns the completed rate at a number of requests in flight: linear interpolation of logarithms between the two nearest windows. */
function completedAt(windows: readonly SearchWindow[], level: number): number | null {
  const points = windows
    .filter((window) => window.ended !== 'aborted' && window.completed_rps > 0)
    .toSorted((a, b) => a.level - b.level);
  const below = points.findLast((window) => window.level <= level);
  const above = points.find((window) => window.level >= level);
  if (below === undefined || above === undefined) return (below ?? above)?.completed_rps ?? null;
  if (above.level === below.level) return below.completed_rps;
  const share = Math.log(level / below.level) / Math.log(above.level / below.level);
  return below.completed_rps * (above.completed_rps / below.completed_rps) ** share;
}

/** Distance from the capacity within which a window shows the binding SLO, in logarithms of the load. */
const NEAR = 0.25;

/** Returns the SLO that most of the bad requests missed in the windows near the capacity; without a capacity, in the window with the best attainment. */
function bindingOf(used: readonly SearchWindow[], posterior: Posterior | null, axis: Axis): string | null {
  const aside = (window: SearchWindow): number =>
    posterior === null
      ? 1 - attainmentOf(window)
      : Math.abs(loadOf(window, axis) - Math.log(posterior.median));
  const bad = used.filter(({ missed }) => Object.keys(missed).some((slo) => slo !== 'late'));
  const near = bad.filter((window) => aside(window) <= NEAR && posterior !== null);
  const chosen = near.length > 0 ? near : bad.toSorted((a, b) => aside(a) - aside(b)).slice(0, 1);
  const missed = new Map<string, number>();
  for (const window of chosen) {
    for (const [slo, n] of Object.entries(window.missed))
      if (slo !== 'late') missed.set(slo, (missed.get(slo) ?? 0) + n);
  }
  return [...missed].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

function listed(window: SearchWindow, axis: Axis, design: number): Omit<ListedWindow, 'repeats' | 'dropped'> {
  const { n } = window;
  const interval =
    n === 0 ? null : effectiveWilson(attainmentOf(window), effectiveRequests(window, design), CONFIDENCE);
  const seconds = window.warmup_s + window.window_s;
  const open = axis === 'rate' && window.kind !== 'single';
  return {
    kind: window.kind,
    rate_rps: open ? window.level : window.completed_rps,
    concurrency: open ? null : window.level,
    offered_rps: seconds === 0 ? 0 : window.sent / seconds,
    attainment: {
      value: n === 0 ? null : attainmentOf(window),
      low: interval?.low ?? null,
      high: interval?.high ?? null,
    },
    judged: n,
    good: window.good,
    window_s: window.window_s,
    took_s: window.took_s,
    completed_rps: window.completed_rps,
    e2e_ms: window.e2e_s === null ? null : window.e2e_s * 1000,
    missed: window.missed,
    ended: window.ended,
    void: window.void,
    contended: window.contended,
    suspect: window.suspect,
    seed: window.seed,
    run: window.run,
  };
}

/** Enough for a drawing; reports print fewer. */
const CURVE_POINTS = 41;

/** Returns the curve from 0.5 to 1.5 times the capacity: the linear model does not hold far from it. */
function curveOf({ median, attainmentAt }: Posterior): CapacityDocument['curve'] {
  return Array.from({ length: CURVE_POINTS }, (_, k) => {
    const load = median * (0.5 + k / (CURVE_POINTS - 1));
    return { load, attainment: attainmentAt(load) };
  });
}
