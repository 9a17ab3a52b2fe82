import { CACHE_VARIABLE, MEET_TOKEN_VARIABLE, RANKS_VARIABLE } from '../scenario/keys/option-table.ts';
import { MEET_PORT } from './ranked-job.ts';
import type { Packed, PackedFile } from './packed-files.ts';
import type { Variables } from './variables.ts';

/** Where the scenario and its files are in a pod. */
const SCENARIO_FOLDER = '/scenario';
/** Where the ranks write their run folders in a pod. */
const RESULTS_FOLDER = '/results';

/** The choices of the manifests. */
export interface KubernetesJob {
  /** A DNS label: the name of every object. */
  name: string;
  ranks: number;
  image: string;
  namespace: string | null;
  /** The claim of a volume that all pods can write; `null`: each rank keeps its run folder until it is collected. */
  claim: string | null;
  /** The Secret that holds the keys. */
  secret: string;
  cores: number;
  packed: Packed;
  variables: Variables;
}

/** An object of the Kubernetes API. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels: Record<string, string> };
  [field: string]: unknown;
}

/** Returns the folder in a pod that holds the run folders of all ranks. */
export const outOf = ({ name }: Pick<KubernetesJob, 'name'>): string => `${RESULTS_FOLDER}/${name}`;

/** Returns the objects of a run: ConfigMap, headless Service and Indexed Job. */
export function kubernetesObjects(job: KubernetesJob): KubernetesObject[] {
  const { name, namespace, packed } = job;
  const labels = labelsOf(job);
  const metadata = { name, ...(namespace === null ? {} : { namespace }), labels };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, immutable: true, ...contents(packed.files) },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        clusterIP: 'None',
        // The ranks meet before any pod is ready.
        publishNotReadyAddresses: true,
        selector: labels,
        ports: [{ name: 'meet', port: MEET_PORT, targetPort: 'meet' }],
      },
    },
    { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: jobSpec(job) },
  ];
}

const labelsOf = ({ name }: KubernetesJob): Record<string, string> => ({
  'app.kubernetes.io/name': 'goodput',
  'app.kubernetes.io/instance': name,
});

/** Texts are readable in the manifest; everything else, and text that YAML would change, is base64. */
function contents(files: readonly PackedFile[]): { data?: object; binaryData?: object } {
  const isText = ({ content }: PackedFile): boolean => {
    const text = content.toString('utf8');
    return (
      Buffer.from(text).equals(content) &&
      /^[\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe]*$/.test(text)
    );
  };
  const { texts = [], others = [] } = Object.groupBy(files, (file) => (isText(file) ? 'texts' : 'others'));
  const entries = (of: readonly PackedFile[], encoding: 'utf8' | 'base64'): object =>
    Object.fromEntries(of.map(({ key, content }) => [key, content.toString(encoding)]));
  return {
    data: entries(texts, 'utf8'),
    ...(others.length === 0 ? {} : { binaryData: entries(others, 'base64') }),
  };
}

function jobSpec(job: KubernetesJob): object {
  const { name, ranks } = job;
  return {
    completionMode: 'Indexed',
    completions: ranks,
    parallelism: ranks,
    // A rank that failed is lost: a second attempt would send its share when the others have ended.
    backoffLimitPerIndex: 0,
    podReplacementPolicy: 'Failed',
    template: {
      metadata: { labels: labelsOf(job) },
      spec: {
        restartPolicy: 'Never',
        // The pod of rank 0 is reachable as NAME-0.NAME.
        subdomain: name,
        automountServiceAccountToken: false,
        // Links would set variables such as GOODPUT_PORT for a Service named goodput.
        enableServiceLinks: false,
        affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [onePerNode(job)] } },
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          runAsGroup: 1000,
          fsGroup: 1000,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [rankContainer(job), ...(job.claim === null ? [resultsContainer(job)] : [])],
        volumes: [
          { name: 'scenario', projected: { sources: sourcesOf(job) } },
          {
            name: 'results',
            ...(job.claim === null ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: job.claim } }),
          },
        ],
      },
    },
  };
}

const onePerNode = (job: KubernetesJob): object => ({
  weight: 100,
  podAffinityTerm: {
    labelSelector: { matchLabels: labelsOf(job) },
    topologyKey: 'kubernetes.io/hostname',
  },
});

const CONFINED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const RESULTS_MOUNT = { name: 'results', mountPath: RESULTS_FOLDER };

function rankContainer(job: KubernetesJob): object {
  const { name, ranks, image, cores, packed, variables, secret } = job;
  const fromSecret = (variable: string, optional: boolean): object => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: secret, key: variable, ...(optional ? { optional } : {}) } },
  });
  return {
    name: 'goodput',
    image,
    command: ['goodput'],
    args: [
      'run',
      // Kubernetes replaces $(NAME) in arguments.
      `${SCENARIO_FOLDER}/${packed.scenario}`.replaceAll('$(', '$$$$('),
      '--meet',
      `http://${name}-0.${name}:${MEET_PORT}`,
      '--meet-timeout',
      '5m',
      '--out',
      outOf(job),
    ],
    env: [
      // The Job sets JOB_COMPLETION_INDEX, the number of the rank.
      { name: RANKS_VARIABLE, value: String(ranks) },
      { name: CACHE_VARIABLE, value: '/tmp/goodput' },
      fromSecret(MEET_TOKEN_VARIABLE, false),
      ...variables.required.map((variable) => fromSecret(variable, false)),
      ...variables.optional.map((variable) => fromSecret(variable, true)),
    ],
    ports: [{ name: 'meet', containerPort: MEET_PORT }],
    // No limit of the CPU: a throttled process timestamps late.
    resources: { requests: { cpu: String(cores), memory: '2Gi' }, limits: { memory: '2Gi' } },
    securityContext: CONFINED,
    volumeMounts: [{ name: 'scenario', mountPath: SCENARIO_FOLDER, readOnly: true }, RESULTS_MOUNT],
  };
}

/** Returns the container that keeps a pod, and so its run folder, until it is collected. */
const resultsContainer = ({ image }: KubernetesJob): object => ({
  name: 'results',
  image,
  command: ['sh', '-c', `until [ -e ${RESULTS_FOLDER}/collected ]; do sleep 1; done`],
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
  securityContext: CONFINED,
  volumeMounts: [RESULTS_MOUNT],
});

function sourcesOf({ name, secret, packed: { files, secretFiles } }: KubernetesJob): object[] {
  const items = (of: readonly { key: string; path: string }[]): object[] =>
    of.map(({ key, path }) => ({ key, path }));
  const config = { configMap: { name, items: items(files) } };
  return secretFiles.length === 0
    ? [config]
    : [config, { secret: { name: secret, items: items(secretFiles) } }];
}
