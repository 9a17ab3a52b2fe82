import type { CapacityStatus } from '../../capacity/reason.ts';
import type { FoundCapacity } from './capacity.ts';
import { simulatedComment } from '../layout/simulated.ts';
import { exposition, gaugesWith, oneOf } from '../writers/exposition.ts';

const STATUSES: readonly CapacityStatus[] = [
  'estimated',
  'never_met',
  'never_the_limit',
  'client_limited',
  'undecided',
  'unanswered',
];

/** The answer of a search in Prometheus' text format. What has no value has no series. */
export function renderCapacityPrometheus({ document, context }: FoundCapacity): string {
  const { per_gpu_rps: perGpu } = document;
  const gauge = gaugesWith({ name: context.name, endpoint: context.endpoint });
  const one = (name: string, help: string, value: number | null) => gauge(name, help, [[{}, value]]);
  const families = exposition([
    gauge(
      'capacity_status',
      'What the search found: 1 at the status that it has.',
      oneOf(STATUSES, document.status),
    ),
    one('capacity_exit_code', 'Exit code that the answer means.', document.verdict.exitCode),
    one(
      'capacity_rps',
      'Highest rate at which the target is met, requests per second.',
      document.capacity_rps,
    ),
    one('capacity_low_rps', 'Lower end of its interval.', document.low_rps),
    one('capacity_high_rps', 'Upper end of its interval.', document.high_rps),
    one(
      'capacity_concurrency',
      'Most requests in flight at which the target is met.',
      document.capacity_concurrency,
    ),
    one('capacity_low_concurrency', 'Lower end of its interval.', document.low_concurrency),
    one('capacity_high_concurrency', 'Upper end of its interval.', document.high_concurrency),
    one('capacity_per_gpu_rps', 'The capacity by the number of GPUs.', perGpu === null ? null : perGpu.value),
    one('capacity_completed_rps', 'Most that was completed while the SLO was met.', document.completed_rps),
    one('capacity_target_ratio', 'Share of requests that must meet every SLO.', document.target),
    one('capacity_spent_seconds', 'Measuring time of all probes.', document.spent_s),
    one('capacity_probes', 'Probes of the search.', document.probes.length),
    one(
      'capacity_contended_probes',
      'Probes during which other programs competed with goodput for the CPU.',
      document.probes.filter(({ contended }) => contended !== null).length,
    ),
    one(
      'capacity_dropped_probes',
      'Probes that the answer leaves out because a repetition replaced them.',
      document.probes.filter(({ dropped }) => dropped !== null).length,
    ),
    gauge(
      'capacity_binding',
      'The SLO that most of the bad requests missed near the capacity: always 1.',
      document.binding === null ? [] : [[{ slo: document.binding }, 1]],
    ),
  ]);
  return simulatedComment(document) + families;
}
