import { kubernetesManifests } from '../../emit/kubernetes.ts';
import { pack } from '../../emit/packed-files.ts';
import { coresOf, labelFrom, ranksFrom } from '../../emit/ranked-job.ts';
import { EXIT, GoodputError } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import type { Io } from '../console/io.ts';
import { scheduledScenario, withData } from './scheduled-scenario.ts';

export interface K8sFlags {
  ranks?: string;
  image?: string;
  name?: string;
  namespace?: string;
  pvc?: string;
  secret?: string;
}

/** The longest DNS label, which the host name of a pod is. */
const LONGEST_LABEL = 63;

/**
 * `goodput k8s`: prints the manifests of a run with several ranks.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for wrong options or a scenario that cannot run there
 */
export async function k8sCommand(path: string, options: K8sFlags, io: Io): Promise<number> {
  const ranks = ranksFrom(options.ranks, '--ranks');
  // The host name of a pod is the name, a dash and the rank.
  const longest = LONGEST_LABEL - `-${ranks - 1}`.length;
  for (const flag of ['name', 'namespace', 'pvc', 'secret'] as const) checkName(flag, options[flag], longest);
  const image = options.image ?? `goodput:${VERSION}`;
  if (!/^[^\s"'\\]+$/.test(image))
    throw new GoodputError(
      'usage',
      `--image: got "${image}"; expected the name of an image, like host/goodput:1.0`,
    );
  const read = await scheduledScenario(path, io);
  const packed = await pack(read.file, read.text);
  const warn = (text: string): void => void io.stderr.write(`warning: ${text}\n`);
  for (const { key, path: absolute } of packed.elsewhere)
    warn(`${key}: ${absolute} is not packed: it must exist in the image or on the volume`);
  const { url, unixSocket } = read.scenario.endpoint;
  if (isLoopback(url)) warn(`endpoint.url: in a pod, ${new URL(url!).hostname} is the pod itself`);
  if (unixSocket !== null) warn(`endpoint.unixSocket: ${unixSocket} is a path in the pod`);
  const isComplete = packed.elsewhere.every(({ key }) => !key.startsWith('workload.'));
  const scenario = isComplete ? await withData(read, io) : read.scenario;
  const name = options.name ?? labelFrom(scenario.name, longest);
  io.stdout.write(
    kubernetesManifests({
      name,
      ranks,
      image,
      namespace: options.namespace ?? null,
      claim: options.pvc ?? null,
      secret: options.secret ?? `${name}-keys`,
      cores: coresOf(scenario, ranks),
      packed,
      variables: read.variables,
    }),
  );
  return EXIT.ok;
}

const LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
/** Names of claims and Secrets are DNS subdomains. */
const SUBDOMAIN = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function checkName(
  flag: 'name' | 'namespace' | 'pvc' | 'secret',
  given: string | undefined,
  longest: number,
): void {
  if (given === undefined) return;
  const isLabel = flag === 'name' || flag === 'namespace';
  if (isLabel ? LABEL.test(given) && given.length <= longest : SUBDOMAIN.test(given)) return;
  const letters = `lower-case letters, digits and dashes`;
  throw new GoodputError(
    'usage',
    `--${flag}: got "${given}"; expected ${letters}${isLabel ? `, a letter first, at most ${longest} characters` : ' or dots'}`,
  );
}

const isLoopback = (url: string | null): boolean =>
  url !== null && /^(localhost|127\.|\[::1\])/.test(new URL(url).hostname);
