import { GoodputError } from '../errors.ts';
import type { Flags } from '../scenario/keys/options.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import type { Io } from './io.ts';

/** Returns true if someone asked for the embedded endpoint: by its name, or by a setting that only it has. */
const isStated = ({ values }: Resolved): boolean =>
  values.some(
    ({ path, source }) => (path === 'endpoint.url' || path.startsWith('simulator.')) && source !== 'default',
  );

const isCi = ({ CI = '' }: Io['env']): boolean => !['', '0', 'false'].includes(CI.toLowerCase());

/**
 * A forgotten URL must not let a deploy pass on the embedded endpoint.
 * @throws {GoodputError} kind `usage` where no endpoint is stated, and `--require-endpoint` is given or `CI` is set and gates are declared
 */
export function assertStated(resolved: Resolved, flags: Flags, env: Io['env']): void {
  const isRequired = flags['require-endpoint'] === true;
  const isGatedInCi = isCi(env) && resolved.scenario.gates.length > 0;
  if (isStated(resolved) || !(isRequired || isGatedInCi)) return;
  const why = isRequired
    ? '--require-endpoint refuses the embedded simulated endpoint'
    : 'in CI (the variable CI is set) gates do not judge the embedded simulated endpoint by default';
  throw new GoodputError('usage', `no endpoint is stated: ${why}`, {
    hint: 'name the server with --url URL, or in the scenario; --url simulated measures the embedded endpoint on purpose',
  });
}

/**
 * @param compared what `--url` and its like come to
 * @throws {GoodputError} kind `usage` where `--against` has nothing to compare with
 */
export function assertStatedAgainst(flags: Flags, compared: Resolved): void {
  if (flags.against === undefined || isStated(compared)) return;
  throw new GoodputError('usage', '--against: no endpoint to compare is stated', {
    hint: 'name the new one with --url URL, as in goodput run --url NEW --against BASE (--url simulated is the embedded endpoint)',
  });
}
