import { randomBytes } from 'node:crypto';
import { cp, mkdir, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { freePort } from '../real/free-port.ts';
import { command, output } from './command.ts';
import type { Daemons } from './daemons.ts';
import { CACHE, HERE } from './paths.ts';

/** The version of `control-plane/go.mod`. */
const VERSION = 'v1.34.1';
/** Where Go is if it is not on the path. */
const GO_FOLDER = '/usr/local/go/bin';

/** Returns the program of the control plane, built from its Go modules on first use: 20 minutes of one core. */
async function built(): Promise<string> {
  const folder = join(CACHE, `control-plane-${VERSION}`);
  const program = join(folder, 'control-plane');
  if ((await stat(program).catch(() => null)) !== null) return program;
  await mkdir(folder, { recursive: true });
  await cp(join(HERE, 'control-plane'), folder, { recursive: true });
  const options = {
    cwd: folder,
    env: { ...process.env, PATH: `${process.env['PATH']}${delimiter}${GO_FOLDER}`, GOTOOLCHAIN: 'local' },
    limitMs: 3_600_000,
  };
  await output(['go', 'mod', 'tidy'], options);
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=${VERSION}`;
  await output(
    ['nice', '-n', '19', 'go', 'build', '-p', '1', '-ldflags', flags, '-o', program, '.'],
    options,
  );
  return program;
}

/** Starts etcd, the API server, the controller manager and the scheduler, and returns the path of the kubeconfig of an administrator. */
export async function startControlPlane(daemons: Daemons, folder: string): Promise<string> {
  const program = await built();
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const at = (name: string): string => join(folder, name);
  const [clients, peers] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  daemons.start('etcd', [
    'etcd',
    `--data-dir=${at('etcd')}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
  ]);
  const token = randomBytes(16).toString('hex');
  await writeFile(at('tokens.csv'), `${token},admin,admin,"system:masters"\n`);
  await output(['openssl', 'genrsa', '-out', at('accounts.key'), '2048']);
  const server = daemons.start('kube-apiserver', [
    program,
    'kube-apiserver',
    `--etcd-servers=${clients}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${secure}`,
    `--cert-dir=${at('certificates')}`,
    `--token-auth-file=${at('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default',
    `--service-account-signing-key-file=${at('accounts.key')}`,
    `--service-account-key-file=${at('accounts.key')}`,
    '--service-cluster-ip-range=10.96.0.0/24',
    // There is no address of this host that other nodes could use.
    '--endpoint-reconciler-type=none',
  ]);
  const kubeconfig = at('kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor(secure, token));
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  await server.until(
    async () =>
      (await command(['kubectl', 'get', '--raw', '/readyz'], { env })).code === 0 ? true : undefined,
    'become ready',
    120_000,
  );
  const common = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
  const controllers =
    'job-controller,serviceaccount-controller,namespace-controller,endpointslice-controller,garbage-collector-controller';
  daemons.start('kube-controller-manager', [
    program,
    'kube-controller-manager',
    ...common,
    `--controllers=${controllers}`,
    `--service-account-private-key-file=${at('accounts.key')}`,
  ]);
  daemons.start('kube-scheduler', [program, 'kube-scheduler', ...common]);
  return kubeconfig;
}

const kubeconfigFor = (port: number, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
