import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, check } from '../real/check.ts';
import { command, output } from './command.ts';
import { startControlPlane } from './control-plane.ts';
import { Daemons } from './daemons.ts';
import { goodputOnPath } from './goodput-on-path.ts';
import { Kubelet } from './kubelet.ts';
import { RUNS } from './paths.ts';
import {
  KEY,
  KEY_VARIABLE,
  mergedExit,
  NAME,
  rankedChecks,
  startEndpoint,
  untilSampled,
  writeScenario,
} from './ranked-run.ts';

const RANKS = 4;
const NAMESPACE = 'perf';
const FOLDER = join(RUNS, 'kubernetes');
const PODS = join(FOLDER, 'pods');

/**
 * Applies the printed manifests to a real API server, whose controllers create the pods and whose scheduler places them, and follows the
 * printed commands: once as it is, and once with a rank that is killed.
 */
export async function checkKubernetes(): Promise<Check[]> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(PODS, { recursive: true });
  const daemons = new Daemons();
  let kubelet: Kubelet | null = null;
  try {
    const KUBECONFIG = await startControlPlane(daemons, FOLDER);
    const endpoint = await startEndpoint(daemons, FOLDER);
    const env = { ...process.env, PATH: await pathWithKubectl(), KUBECONFIG, [KEY_VARIABLE]: KEY };
    await makeCluster(env);
    const scenario = await writeScenario(FOLDER, endpoint.url);
    const words = ['goodput', 'k8s', 'scenario.yaml', '--ranks', String(RANKS), '--namespace', NAMESPACE];
    const manifests = await output(words, { cwd: FOLDER, env });
    const file = join(FOLDER, 'manifests.yaml');
    await writeFile(file, manifests);
    const steps = stepsOf(manifests.replace('-f FILE', `--validate=strict -f ${file}`));
    kubelet = new Kubelet({ namespace: NAMESPACE, folder: PODS, env });
    const secret = await command(['sh', '-c', steps.get('The keys')!], { env });
    const results = [
      check('the printed command makes the Secret', secret.code === 0, secret.stderr || secret.stdout.trim()),
    ];
    kubelet.start();
    for (const killed of [null, 2]) {
      const name = killed === null ? '' : `rank ${killed} killed: `;
      for (const each of await applied({ kubelet, env, steps, scenario, killed }))
        results.push(check(`${name}${each.name}`, each.ok, each.detail));
    }
    return results;
  } finally {
    await kubelet?.stop();
    await daemons.stop();
  }
}

interface Applied {
  kubelet: Kubelet;
  env: Record<string, string | undefined>;
  /** The printed commands by their headings. */
  steps: ReadonlyMap<string, string>;
  scenario: string;
  killed: number | null;
}

async function applied({ kubelet, env, steps, scenario, killed }: Applied): Promise<Check[]> {
  const cwd = join(FOLDER, killed === null ? 'whole' : 'killed');
  await mkdir(cwd);
  const before = kubelet.pods.length;
  const own = (): Kubelet['pods'] => kubelet.pods.slice(before);
  const start = await command(['sh', '-c', steps.get('Start')!], { cwd, env });
  const all = async (): Promise<boolean> => own().length === RANKS;
  await until(all, 'all pods to be placed', 60_000);
  const pods = own();
  const slices = await endpointNames(env);
  const collecting = command(['sh', '-c', steps.get('Copy each run folder')!], { cwd, env });
  if (killed !== null) {
    const pod = pods.find(({ metadata }) => metadata.labels[INDEX] === String(killed))!;
    await untilSampled(async () => join(PODS, pod.metadata.name, 'results', NAME), killed);
    kubelet.kill(pod, 'goodput');
  }
  const collected = await collecting;
  const codes = pods
    .toSorted((a, b) => Number(a.metadata.labels[INDEX]) - Number(b.metadata.labels[INDEX]))
    .map((pod) => kubelet.codeOf(pod, 'goodput'));
  const failed = codes.flatMap((code, rank) => (code === 0 ? [] : [rank]));
  const job = await statusOfJob(env);
  const nodes = new Set(pods.map(({ spec }) => spec.nodeName!));
  const names = Array.from({ length: RANKS }, (_, rank) => `${NAME}-${rank}`);
  const merged = join(cwd, `${NAME}-merged`);
  const verdict = await mergedExit(merged);
  const checks = [
    check(
      'the API server accepts the manifests',
      start.code === 0,
      start.stderr.trim() || 'strict validation',
    ),
    check('each rank has a node of its own', nodes.size === RANKS, [...nodes].join(' ')),
    check('each rank has a name in the Service', slices.join() === names.join(), slices.join(' ')),
    check(
      'the printed commands collect and merge',
      collected.code === 0 && verdict !== null && (killed === null || verdict === 98),
      `exit code ${collected.code}, verdict ${verdict}`,
    ),
    check(
      'the Job has the ranks that failed, and no others',
      job.failed === failed.join() && job.succeeded === RANKS - failed.length,
      `${JSON.stringify(job)}; exit codes ${codes.join(' ')}`,
    ),
    ...(await rankedChecks({ folder: join(cwd, NAME), merged, ranks: RANKS, scenario, env, killed })),
  ];
  const deleted = await command(['sh', '-c', steps.get('Delete')!], { cwd, env });
  return [...checks, check('the printed command deletes all', deleted.code === 0, deleted.stderr.trim())];
}

const INDEX = 'batch.kubernetes.io/job-completion-index';

/** Returns the commands in the comments of the manifests, by the first words of the sentence above them. */
function stepsOf(manifests: string): Map<string, string> {
  const steps = new Map<string, string>();
  let heading = '';
  for (const line of manifests.split('\n')) {
    const [, indent = '', text = ''] = /^# ?( *)(.*)$/.exec(line) ?? [];
    if (!line.startsWith('#')) break;
    if (indent === '') heading = text.split(/[,:]| when /)[0]!;
    else steps.set(heading, `${steps.get(heading) ?? ''}${indent}${text}\n`);
  }
  return steps;
}

/** Returns a PATH with a kubectl that copies from pods and runs commands in them, which the kubelet of a node does, and else is the real one. */
async function pathWithKubectl(): Promise<string> {
  const path = await goodputOnPath(FOLDER);
  const real = (await output(['which', 'kubectl'])).trim();
  const program = join(FOLDER, 'bin', 'kubectl');
  await writeFile(
    program,
    `#!/bin/sh
# Called as: kubectl -n NAMESPACE cp -c results POD:PATH FOLDER, or kubectl -n NAMESPACE exec -c results pod/POD -- touch PATH
case "$3" in
  cp) mkdir -p "$(dirname "$7")" && exec cp -r "${PODS}/\${6%%:*}\${6#*:}" "$7" ;;
  exec) exec "$8" "${PODS}/\${6#pod/}$9" ;;
  *) exec '${real}' "$@" ;;
esac
`,
  );
  await chmod(program, 0o755);
  return path;
}

/** Makes a namespace that admits only restricted pods, and a node for each rank. */
async function makeCluster(env: Record<string, string | undefined>): Promise<void> {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
  const nodes = Array.from({ length: RANKS }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node-${at}`, labels: { 'kubernetes.io/hostname': `node-${at}` } },
  }));
  const list = { apiVersion: 'v1', kind: 'List', items: [namespace, ...nodes] };
  await output(['kubectl', 'create', '-f', '-'], { env, input: JSON.stringify(list) });
  const size = { cpu: '8', memory: '16Gi', pods: '10' };
  const status = { capacity: size, allocatable: size, conditions: [{ type: 'Ready', status: 'True' }] };
  for (const { metadata } of nodes) {
    const patch = ['kubectl', 'patch', 'node', metadata.name, '--type=merge', '-p'];
    await output([...patch, JSON.stringify({ status }), '--subresource=status'], { env });
    await output([...patch, JSON.stringify({ spec: { taints: [] } })], { env });
  }
  const account = ['kubectl', '-n', NAMESPACE, 'get', 'serviceaccount', 'default'];
  await until(async () => (await command(account, { env })).code === 0, 'the account of pods', 30_000);
}

/** Returns the host names that the Service publishes. */
async function endpointNames(env: Record<string, string | undefined>): Promise<string[]> {
  let names: string[] = [];
  const words = [
    'kubectl',
    '-n',
    NAMESPACE,
    'get',
    'endpointslices',
    '-o',
    'jsonpath={.items[*].endpoints[*].hostname}',
  ];
  await until(
    async () => {
      names = (await output(words, { env })).split(' ').filter(Boolean).sort();
      return names.length === RANKS;
    },
    'the names in the Service',
    20_000,
  ).catch(() => undefined);
  return names;
}

/** Returns how many ranks succeeded, and which failed, as the Job has it at its end. */
async function statusOfJob(
  env: Record<string, string | undefined>,
): Promise<{ succeeded: number; failed: string }> {
  let status: { succeeded?: number; failedIndexes?: string; conditions?: { type: string }[] } = {};
  const words = ['kubectl', '-n', NAMESPACE, 'get', 'job', NAME, '-o', 'json'];
  const hasEnded = async (): Promise<boolean> => {
    ({ status } = JSON.parse(await output(words, { env })) as { status: typeof status });
    return status.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed') ?? false;
  };
  await until(hasEnded, 'the Job to end', 60_000).catch(() => undefined);
  const { succeeded = 0, failedIndexes = '' } = status;
  // Ranges such as 0-2,5.
  const failed = failedIndexes.split(',').flatMap((range) => {
    const [from = '', to = from] = range.split('-');
    return from === ''
      ? []
      : Array.from({ length: Number(to) - Number(from) + 1 }, (_, k) => Number(from) + k);
  });
  return { succeeded, failed: failed.join() };
}

/** @throws {Error} if it takes longer than the limit */
async function until(isSo: () => Promise<boolean>, what: string, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`waited ${limitMs / 1000} s for ${what}`);
}
