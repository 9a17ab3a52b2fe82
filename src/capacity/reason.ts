import { attainmentOf, type Axis, type Probe } from './probe.ts';
import type { Stopped } from './search.ts';

/** `estimated`: there is a capacity. The others are answers of their own, or why there is none yet. */
export type CapacityStatus =
  | 'estimated'
  | 'never_met'
  | 'never_the_limit'
  | 'client_limited'
  | 'undecided'
  | 'unanswered';

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

const STOPPED: Partial<Record<Stopped, string>> = {
  width: 'The interval is as narrow as was asked for.',
  budget: 'The time budget is spent.',
  interrupted: 'It was interrupted; another call with the same --out goes on from here.',
  client_limited: 'goodput itself was late in the last probes, which therefore do not count.',
};

/** The answer in words: why the search stopped, or why there is no capacity. */
export function reasonOf(
  status: CapacityStatus,
  stopped: Stopped,
  best: Probe | null,
  target: number,
  axis: Axis,
): string {
  const unit = axis === 'rate' ? ' req/s' : ' in flight';
  const goal = percent(target);
  switch (status) {
    case 'estimated':
      return STOPPED[stopped] ?? '';
    case 'never_met': {
      const seen =
        best === null
          ? ''
          : ` The best attainment seen was ${percent(attainmentOf(best))}, at ${best.level}${unit}.`;
      return `No load meets the target of ${goal}, down to a fiftieth of the first one.${seen}`;
    }
    case 'never_the_limit':
      return `The SLO is met however much is asked of the server: it completes no more, and what it completes is in time. The limit is its throughput.`;
    case 'client_limited':
      return 'Invalid: goodput itself could not send the next load, so the server was never at its limit: the capacity is at least the highest load that passed. The probes that are void say what was in the way; goodput calibrate tells what this machine can send.';
    case 'undecided':
      return stopped === 'interrupted'
        ? 'It was interrupted before one load passed and one failed; another call with the same --out goes on from here.'
        : 'The time budget was spent before one load passed and one failed; another call with the same --out goes on from here.';
    default:
      if (stopped === 'budget') return 'Nothing was measured: there is no budget.';
      return stopped === 'interrupted'
        ? 'It was interrupted before a single request was answered.'
        : 'None of the single requests was answered.';
  }
}
