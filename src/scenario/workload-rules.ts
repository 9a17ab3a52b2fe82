import { type Located, shownInput } from './keys/problem.ts';
import type { Tree } from './keys/map.ts';
import { valueAt } from './keys/map.ts';

/** Keys that only a trace has. */
const TRACE_KEYS = ['speed', 'from', 'spread'];

/** Checks which keys of the workload, and of a load of its sessions, may be combined, on the values as written. */
export function brokenWorkload(tree: Tree): Located[] {
  const found: Located[] = [];
  const has = (path: string): boolean => valueAt(tree, path.split('.')) !== undefined;
  const report = (path: string, wrong: string, expected?: string): unknown =>
    found.push({ path: path.split('.'), problem: { wrong, expected, atKey: true } });

  const [source, ...others] = ['prompts', 'data', 'sessions'].filter((key) => has(`workload.${key}`));
  for (const key of others)
    report(
      `workload.${key}`,
      `cannot be combined with workload.${source}`,
      'one of prompts, data and sessions',
    );
  if (source !== undefined)
    for (const key of source === 'sessions' ? ['input'] : ['input', 'prefix'])
      if (has(`workload.${key}`))
        report(`workload.${key}`, `cannot be combined with workload.${source}, which sets the input`);
  const format = valueAt(tree, ['workload', 'data', 'format']);
  if (format === 'custom' && !has('workload.data.columns'))
    report('workload.data.format', 'custom needs the names of columns', 'workload.data.columns as well');
  if (has('workload.data.columns') && format !== undefined && format !== 'custom')
    report('workload.data.columns', `is only valid with the format custom, not ${shownInput(format)}`);
  if (has('workload.data.replacement') && has('workload.data.cycle'))
    if (valueAt(tree, ['workload', 'data', 'replacement']) === true)
      report(
        'workload.data.cycle',
        'cannot be combined with workload.data.replacement: records that are drawn with replacement never run out',
      );

  const isTrace = valueAt(tree, ['load', 'arrivals']) === 'trace';
  if (isTrace && !has('workload.data'))
    report('load.arrivals', 'trace needs a data set with instants', 'workload.data (--data) as well');
  for (const key of TRACE_KEYS)
    if (!isTrace && has(`load.${key}`)) report(`load.${key}`, 'is only valid with load.arrivals: trace');
  if (isTrace) {
    if (has('load.stages')) report('load.stages', 'cannot be combined with a trace, which has its own rate');
    if (has('load.rate') && has('load.speed'))
      report('load.rate', 'cannot be combined with load.speed', 'one of them, for the speed of the trace');
    for (const key of ['replacement', 'order'])
      if (has(`workload.data.${key}`))
        report(
          `workload.data.${key}`,
          'cannot be combined with load.arrivals: trace, which orders by instant',
        );
    if (valueAt(tree, ['workload', 'data', 'cycle']) === true && !has('load.duration'))
      report('workload.data.cycle', 'repeats the trace without end', 'load.duration (--duration) as well');
  }

  const [limit, ...more] = ['duration', 'requests', 'sessions'].filter((key) => has(`load.${key}`));
  for (const key of more)
    report(`load.${key}`, `cannot be combined with load.${limit}`, 'one of duration, requests and sessions');
  const isOpen = !has('load.concurrency') && !has('sweep.concurrency');
  if (has('workload.sessions.turns') && isOpen && has('load.requests'))
    report(
      'load.requests',
      'cannot count the sessions of an open loop, which have several requests',
      'load.sessions (--sessions): the number of sessions to start',
    );
  if (has('endpoint.model') && has('endpoint.models'))
    report('endpoint.models', 'cannot be combined with endpoint.model', 'one of them');
  return found;
}
