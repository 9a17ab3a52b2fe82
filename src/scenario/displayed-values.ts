import { significant } from '../numbers.ts';
import type { Model } from '../machine/model.ts';
import { formatDuration, formatStage } from '../units.ts';
import { formatDurationLaw } from './keys/duration-law-key.ts';
import { formatLength } from './keys/length-key.ts';
import type { ScenarioFile } from './file.ts';
import { SCENARIO_KEYS } from './keys/keys.ts';
import type { ResolvedValue, Scenario } from './keys/scenario.ts';
import { isMap, valueAt } from './keys/map.ts';
import type { Tree } from './keys/map.ts';
import type { Layers } from './layers.ts';

/** Maps whose entries are shown one by one. */
const ENTRYWISE = ['endpoint.headers', 'endpoint.body', 'endpoint.models'];

/** Returns every setting of an echo with its source, for display. */
export function displayedValues(
  scenario: Scenario,
  echo: Tree,
  { file, layers }: { file: ScenarioFile | null; layers: Layers },
): ResolvedValue[] {
  const entry = (path: readonly string[], shown: string): ResolvedValue => {
    const setBy = layers.setBy(path);
    const text = path.join('.');
    if (setBy !== null) return { path: text, shown, source: setBy.source, from: setBy.from };
    if (file === null || !layers.isOfFile(path)) return { path: text, shown, source: 'default', from: null };
    const { line, column } = file.locate(path, 'value');
    return { path: text, shown, source: 'file', from: `${file.path}:${line}:${column}` };
  };

  return SCENARIO_KEYS.flatMap(({ path, info }): ResolvedValue[] => {
    const steps = path.split('.');
    const value = valueAt(echo, steps);
    // Without `gates`, they are the preset's, and have its source.
    if (path === 'gates' && value === undefined && scenario.gates.length > 0)
      return [{ ...entry(['slo'], textAt(path, value, scenario)), path }];
    if (info === null || value === undefined) return [];
    if (ENTRYWISE.includes(path)) {
      return Object.entries(isMap(value) ? value : {}).map(([name, each]) =>
        entry([...steps, name], plain(each)),
      );
    }
    return [entry(steps, textAt(path, value, scenario))];
  });
}

function textAt(path: string, value: unknown, { workload, load, slo, gates, model }: Scenario): string {
  switch (path) {
    case 'workload.input':
      return formatLength(workload.input);
    case 'workload.output':
      return formatLength(workload.output);
    case 'workload.sessions.turns':
    case 'workload.sessions.first':
    case 'workload.sessions.next':
      return formatLength(
        workload.sessions![path.slice('workload.sessions.'.length) as 'turns' | 'first' | 'next'],
      );
    case 'workload.sessions.think':
      return formatDurationLaw(workload.sessions!.think);
    case 'workload.data.think':
      return formatDurationLaw(workload.data!.think!);
    case 'load.stages':
      return load
        .stages!.map(({ from, to, for: length }) => formatStage(from, to, formatDuration(length)))
        .join(', then ');
    case 'model.config':
      return model === null ? plain(value) : `${model.modelType}, ${parametersText(model)} parameters`;
    case 'slo':
      return slo.map((each) => each.text).join(', ');
    case 'gates':
      return gates.map((each) => each.text).join(', ');
    default:
      return plain(value);
  }
}

/** Returns the number of parameters of a model: `8.03 B`. */
function parametersText({ parameters: { total } }: Model): string {
  const [unit, scale] = total >= 1e9 ? ['B', 1e9] : ['M', 1e6];
  return `${significant(total / scale)} ${unit}`;
}

/** Returns a value as text, a list with spaces between its values so that a narrow table can wrap it. */
const plain = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
};
