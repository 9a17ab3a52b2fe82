import type { Tree } from './keys/map.ts';
import type { Flags } from './keys/option-table.ts';
import { resolveScenario } from './resolve.ts';
import type { Statements } from './statements.ts';

/** The flag of each section. */
const FLAGS = { hardware: 'hardware', model: 'model-config', price: 'price' } as const;

/**
 * Returns the statements about an endpoint that flags or keys of a scenario make, to report recorded runs with. What is not given is absent.
 * @throws {GoodputError} kind `usage` that lists every mistake
 */
export function statedAgain({
  flags = {},
  input = {},
}: {
  flags?: Flags;
  input?: Tree;
}): Partial<Statements> {
  const sections = (['hardware', 'model', 'price'] as const).filter(
    (section) => flags[FLAGS[section]] !== undefined || input[section] !== undefined,
  );
  if (sections.length === 0) return {};
  const given = {
    file: null,
    env: {},
    flags: Object.fromEntries(sections.flatMap((section) => entryOf(flags, FLAGS[section]))),
    input: Object.fromEntries(sections.flatMap((section) => entryOf(input, section))),
  };
  const { scenario } = resolveScenario(given).resolved;
  return Object.fromEntries(sections.map((section) => [section, scenario[section]]));
}

const entryOf = <T>(given: Readonly<Partial<Record<string, T>>>, key: string): [string, T][] => {
  const value = given[key];
  return value === undefined ? [] : [[key, value]];
};
