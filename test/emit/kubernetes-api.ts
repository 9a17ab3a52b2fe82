import { z } from 'zod';

/**
 * The fields of the Kubernetes API that the manifests use, with the types and limits of its reference (v1.34: ConfigMap v1 core, Service v1
 * core, Job v1 batch, PodSpec v1 core). Unknown fields are refused, as `kubectl --validate=strict` does.
 */

/** RFC 1035: names of Services. */
const label = z
  .string()
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/)
  .max(63);
/** RFC 1123: names of most objects. */
const subdomain = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
  .max(253);
const labelValue = z
  .string()
  .regex(/^([A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)?$/)
  .max(63);
const labels = z.record(z.string().regex(/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9][\w.-]{0,62}$/), labelValue);
const metadata = z.strictObject({ name: label, namespace: label.optional(), labels });
const portName = z.string().regex(/^[a-z0-9-]{1,15}$/);
const port = z.int().min(1).max(65_535);
const quantity = z.string().regex(/^\d+(m|Ki|Mi|Gi)?$/);
const configKey = z.string().regex(/^[\w.-]{1,253}$/);
const relativePath = z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/s);

const configMap = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata,
  immutable: z.boolean(),
  data: z.record(configKey, z.string()),
  binaryData: z.record(configKey, z.base64()).optional(),
});

const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    clusterIP: z.literal('None'),
    publishNotReadyAddresses: z.boolean(),
    selector: labels,
    ports: z.array(z.strictObject({ name: portName, port, targetPort: z.union([portName, port]) })),
  }),
});

const environment = z.union([
  z.strictObject({ name: z.string().min(1), value: z.string() }),
  z.strictObject({
    name: z.string().min(1),
    valueFrom: z.strictObject({
      secretKeyRef: z.strictObject({ name: subdomain, key: configKey, optional: z.boolean().optional() }),
    }),
  }),
]);

const container = z.strictObject({
  name: label,
  image: z.string().min(1),
  command: z.array(z.string()),
  args: z.array(z.string()).optional(),
  env: z.array(environment).optional(),
  ports: z.array(z.strictObject({ name: portName, containerPort: port })).optional(),
  resources: z.strictObject({
    requests: z.record(z.enum(['cpu', 'memory']), quantity),
    limits: z.strictObject({ memory: quantity }),
  }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(
    z.strictObject({ name: label, mountPath: z.string().startsWith('/'), readOnly: z.boolean().optional() }),
  ),
});

const source = z.strictObject({
  name: subdomain,
  items: z.array(z.strictObject({ key: configKey, path: relativePath })),
});

const volume = z.union([
  z.strictObject({
    name: label,
    projected: z.strictObject({
      sources: z.array(z.union([z.strictObject({ configMap: source }), z.strictObject({ secret: source })])),
    }),
  }),
  z.strictObject({ name: label, emptyDir: z.strictObject({}) }),
  z.strictObject({ name: label, persistentVolumeClaim: z.strictObject({ claimName: subdomain }) }),
]);

const affinityTerm = z.strictObject({
  weight: z.int().min(1).max(100),
  podAffinityTerm: z.strictObject({
    labelSelector: z.strictObject({ matchLabels: labels }),
    topologyKey: z.literal('kubernetes.io/hostname'),
  }),
});

const job = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata,
  spec: z.strictObject({
    completionMode: z.literal('Indexed'),
    completions: z.int().positive(),
    parallelism: z.int().positive(),
    backoffLimitPerIndex: z.literal(0),
    podReplacementPolicy: z.literal('Failed'),
    template: z.strictObject({
      metadata: z.strictObject({ labels }),
      spec: z.strictObject({
        // The only policy that backoffLimitPerIndex allows.
        restartPolicy: z.literal('Never'),
        subdomain: label,
        automountServiceAccountToken: z.literal(false),
        enableServiceLinks: z.literal(false),
        affinity: z.strictObject({
          podAntiAffinity: z.strictObject({
            preferredDuringSchedulingIgnoredDuringExecution: z.array(affinityTerm),
          }),
        }),
        securityContext: z.strictObject({
          runAsNonRoot: z.literal(true),
          runAsUser: z.int().positive(),
          runAsGroup: z.int().positive(),
          fsGroup: z.int().positive(),
          seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
        }),
        containers: z.array(container).min(1),
        volumes: z.array(volume),
      }),
    }),
  }),
});

/** The manifests of one run. */
export const manifests = z.tuple([configMap, service, job]);
