import { didYouMean, GoodputError } from '../errors.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { isTokenKey, NO_GROUP, type RequestGroup } from '../slo/request-group.ts';
import type { WorkloadData } from '../workload/data.ts';
import { SessionTable } from '../workload/session-table.ts';

type Planned = Pick<Scenario, 'endpoint' | 'workload'>;

/**
 * Checks that requests of the plan can belong to the groups that gates name.
 * @throws {GoodputError} kind `usage` that lists the gates whose group is empty whatever the run does
 */
export function checkGateGroups(
  { gates, ...planned }: Planned & Pick<Scenario, 'gates'>,
  data: WorkloadData | null,
): void {
  const mistakes = gates.flatMap(({ group, text }, at) => {
    const why = group === undefined ? null : whyEmpty(group, planned, data);
    return why === null ? [] : [`gates[${at}]: ${text}: ${why}`];
  });
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
}

function whyEmpty({ key, name }: RequestGroup, planned: Planned, data: WorkloadData | null): string | null {
  if (isTokenKey(key) || name === NO_GROUP) return null;
  if (key === 'turn') {
    const most = mostTurns(planned, data);
    if (Number(name) < most) return null;
    return `no session has turn ${name}, because sessions have ${most === 1 ? 'one turn: turn 0' : `at most ${most} turns, from 0`}`;
  }
  const { endpoint } = planned;
  // The endpoint chooses the model of requests without one.
  if (key === 'model' && endpoint.model === null && endpoint.models === null) return null;
  const tags = tagsIn(data);
  const names = new Set(tags.get(key));
  if (key === 'model')
    for (const model of endpoint.models === null ? [endpoint.model!] : Object.keys(endpoint.models))
      names.add(model);
  if (names.has(name)) return null;
  const [word, candidates] = names.size === 0 ? [key, [...tags.keys(), 'turn', 'model']] : [name, [...names]];
  const meant = didYouMean(word, candidates);
  const found = names.size > 0 ? `has ${key} ${JSON.stringify(name)}` : `has the tag ${JSON.stringify(key)}`;
  return `no request ${found}${meant === null ? `; there are ${candidates.slice(0, 10).join(', ')}` : `; did you mean ${meant}?`}`;
}

function mostTurns({ workload: { sessions } }: Planned, data: WorkloadData | null): number {
  if (data !== null) return data.sessions.mostTurns;
  return sessions === null ? 1 : longest(sessions.turns);
}

type TurnCounts = NonNullable<Scenario['workload']['sessions']>['turns'];

const longest = (length: TurnCounts): number =>
  length.distribution === 'constant' ? length.tokens : (length.max ?? Infinity);

/** Returns the values of each tag of the data. */
function tagsIn(data: WorkloadData | null): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  if (data === null) return found;
  for (const tags of new SessionTable(data.sessions).tags())
    for (const [key, value] of Object.entries(tags)) {
      const values = found.get(key) ?? new Set();
      found.set(key, values.add(value));
    }
  return found;
}
