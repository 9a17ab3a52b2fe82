import { GoodputError } from '../../errors.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Resolved } from '../../scenario/keys/scenario.ts';
import type { Io } from '../console/io.ts';

/** Returns true if the user named an endpoint: by its URL, or by a setting that only the embedded endpoint has. */
const isNamed = ({ values }: Resolved): boolean =>
  values.some(
    ({ path, source }) => (path === 'endpoint.url' || path.startsWith('simulator.')) && source !== 'default',
  );

const isCi = ({ CI = '' }: Io['env']): boolean => !['', '0', 'false'].includes(CI.toLowerCase());

/**
 * Refuses the default embedded endpoint where a forgotten URL would let a deployment pass.
 * @throws {GoodputError} kind `usage` if no endpoint is named, and `--require-endpoint` is given or gates are declared in CI
 */
export function assertEndpointNamed(resolved: Resolved, flags: Flags, env: Io['env']): void {
  const isRequired = flags['require-endpoint'] === true;
  const isGatedInCi = isCi(env) && resolved.scenario.gates.length > 0;
  if (isNamed(resolved) || !(isRequired || isGatedInCi)) return;
  const why = isRequired
    ? '--require-endpoint refuses the embedded simulated endpoint'
    : 'in CI (the variable CI is set) gates do not judge the embedded simulated endpoint by default';
  throw new GoodputError('usage', `no endpoint is named: ${why}`, {
    hint: 'name the server with --url URL, or in the scenario; --url simulated measures the embedded endpoint on purpose',
  });
}

/**
 * @param compared the endpoint that `--against` is compared with
 * @throws {GoodputError} kind `usage` if `--against` is given and no endpoint to compare it with is named
 */
export function assertAgainstNamed(flags: Flags, compared: Resolved): void {
  if (flags.against === undefined || isNamed(compared)) return;
  throw new GoodputError('usage', '--against: no endpoint to compare with the base is named', {
    hint: 'name it with --url URL, as in goodput run --url NEW --against BASE (--url simulated is the embedded endpoint)',
  });
}
