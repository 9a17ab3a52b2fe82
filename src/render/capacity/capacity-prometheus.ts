import type { CapacityStatus } from '../../capacity/reason.ts';
import type { FoundCapacity } from './capacity.ts';
import { simulatedComment } from '../layout/simulated.ts';
import { prometheusText, gaugesWith, oneOf } from '../writers/gauges.ts';

const STATUSES: readonly CapacityStatus[] = [
  'estimated',
  'never_met',
  'never_the_limit',
  'client_limited',
  'undecided',
  'unanswered',
];

/** Returns the answer of a search in Prometheus' text format. A figure without a value has no series. */
export function renderCapacityPrometheus({ document, context }: FoundCapacity): string {
  const { per_gpu_rps: perGpu } = document;
  const gauge = gaugesWith({ name: context.name, endpoint: context.endpoint });
  const one = (name: string, help: string, value: number | null) => gauge(name, help, [[{}, value]]);
  const families = prometheusText([
    gauge(
      'capacity_status',
      'Status of the answer: 1 for the current status, 0 for the others.',
      oneOf(STATUSES, document.status),
    ),
    one('capacity_exit_code', 'Exit code of the answer.', document.verdict.exitCode),
    one(
      'capacity_rps',
      'Highest rate at which the target is met, requests per second.',
      document.capacity_rps,
    ),
    one('capacity_low_rps', 'Lower end of its interval.', document.low_rps),
    one('capacity_high_rps', 'Upper end of its interval.', document.high_rps),
    one(
      'capacity_concurrency',
      'Highest number of requests in flight at which the target is met.',
      document.capacity_concurrency,
    ),
    one('capacity_low_concurrency', 'Lower end of its interval.', document.low_concurrency),
    one('capacity_high_concurrency', 'Upper end of its interval.', document.high_concurrency),
    one(
      'capacity_per_gpu_rps',
      'Capacity divided by the number of GPUs.',
      perGpu === null ? null : perGpu.value,
    ),
    one(
      'capacity_completed_rps',
      'Highest completed rate while the target was met, requests per second.',
      document.completed_rps,
    ),
    one('capacity_target_ratio', 'Share of requests that must meet every SLO.', document.target),
    one('capacity_spent_seconds', 'Measuring time of all search windows.', document.spent_s),
    one('capacity_probes', 'Number of search windows.', document.probes.length),
    one(
      'capacity_contended_probes',
      'Search windows during which other programs competed for the CPU.',
      document.probes.filter(({ contended }) => contended !== null).length,
    ),
    one(
      'capacity_dropped_probes',
      'Search windows that the answer does not use because a repetition replaced them.',
      document.probes.filter(({ dropped }) => dropped !== null).length,
    ),
    gauge(
      'capacity_binding',
      'The SLO that most of the bad requests missed near the capacity; always 1.',
      document.binding === null ? [] : [[{ slo: document.binding }, 1]],
    ),
  ]);
  return simulatedComment(document) + families;
}
