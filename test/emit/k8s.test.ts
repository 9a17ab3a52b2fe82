import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { k8sCommand, type K8sFlags } from '../../src/cli/handlers/k8s.ts';
import { CONFIG_MAP_BYTES } from '../../src/emit/packed-files.ts';
import { labelFrom } from '../../src/emit/ranked-job.ts';
import { randomStream } from '../../src/random.ts';
import { fakeConsole } from '../cli/console.ts';
import { manifests } from './kubernetes-api.ts';

const folder = mkdtempSync(join(tmpdir(), 'goodput-k8s-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PROMPT = '{"prompt":"Hello there"}\n';
const ENDPOINT = 'endpoint: { url: http://llm.example:8000/v1, apiKey: "${MY_KEY}" }\n';

/** Writes files below the folder and returns the path of the first. */
function written(files: Readonly<Record<string, string | Buffer>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return join(folder, Object.keys(files)[0]!);
}

async function emitted(path: string, flags: K8sFlags = {}, env: Record<string, string> = {}) {
  const io = fakeConsole(env);
  expect(await k8sCommand(path, { ranks: '8', ...flags }, io)).toBe(0);
  const documents = parseAllDocuments(io.out());
  expect(documents.flatMap((each) => ('errors' in each ? each.errors : []))).toEqual([]);
  const [configMap, service, job] = manifests.parse(documents.map((each) => each.toJS() as unknown));
  const { spec } = job.spec.template;
  return { text: io.out(), warnings: io.err(), configMap, service, job, spec, rank: spec.containers[0]! };
}

/** Returns the files as the kubelet mounts them: path and bytes. */
function mounted({ configMap, spec }: Awaited<ReturnType<typeof emitted>>): Record<string, Buffer> {
  const volume = spec.volumes.find(({ name }) => name === 'scenario')!;
  const sources = 'projected' in volume ? volume.projected.sources : [];
  return Object.fromEntries(
    sources.flatMap((source) => {
      if (!('configMap' in source)) return [];
      expect(source.configMap.name).toBe(configMap.metadata.name);
      return source.configMap.items.map(({ key, path }) => {
        const binary = configMap.binaryData?.[key];
        const content =
          binary === undefined ? Buffer.from(configMap.data[key]!) : Buffer.from(binary, 'base64');
        return [path, content];
      });
    }),
  );
}

const refusal = async (path: string, flags: K8sFlags = { ranks: '2' }): Promise<string> => {
  const error: unknown = await k8sCommand(path, flags, fakeConsole()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'usage', exitCode: 104 });
  return (error as Error).message;
};

test('the objects have the fields of the API, and refer to each other', async () => {
  const path = written({
    'chat.yaml': `name: Chat Nightly\n${ENDPOINT}workload: { data: data/p.jsonl, output: { tokens: 128 } }\nload: { rate: 6000/s }\nrun: { workers: auto }\n`,
    'data/p.jsonl': PROMPT,
  });
  const made = await emitted(path, { namespace: 'perf', image: 'registry.example/goodput:1' });
  const { configMap, service, job, spec, rank } = made;
  for (const { metadata } of [configMap, service, job])
    expect(metadata).toMatchObject({ name: 'chat-nightly', namespace: 'perf' });
  expect(job.spec).toMatchObject({ completions: 8, parallelism: 8, backoffLimitPerIndex: 0 });
  expect(job.spec.template.metadata.labels).toEqual(service.spec.selector);
  expect(spec.subdomain).toBe(service.metadata.name);
  // The DNS name of the pod with index 0: HOSTNAME.SUBDOMAIN, where an Indexed Job sets the host name NAME-INDEX.
  const { port, targetPort } = service.spec.ports[0]!;
  expect(rank.args!.join(' ')).toContain(`--meet http://chat-nightly-0.chat-nightly:${port} `);
  expect(rank.ports).toEqual([{ name: targetPort, containerPort: port }]);
  expect(rank.image).toBe('registry.example/goodput:1');
  expect(rank.args!.slice(0, 2)).toEqual(['run', '/scenario/chat.yaml']);
  expect(rank.env).toContainEqual({ name: 'GOODPUT_RANKS', value: '8' });
  // 6,000 requests of 128 tokens per second are 768,000 events per second: for each of 8 ranks 96,000, five workers and the main thread.
  expect(rank.resources.requests['cpu']).toBe('6');
  const volumes = spec.volumes.map(({ name }) => name);
  for (const { volumeMounts } of spec.containers)
    for (const { name } of volumeMounts) expect(volumes).toContain(name);
  expect(mounted(made)).toEqual({
    'chat.yaml': expect.any(Buffer) as Buffer,
    'data/p.jsonl': Buffer.from(PROMPT),
  });
});

test('keys are references, whatever the environment holds', async () => {
  const path = written({
    'keys.yaml': `# apiKey: sk-comment-1\n${ENDPOINT.replace(' }', ', headers: { x-org: "${ORG}" } } # sk-comment-2')}`,
  });
  const env = {
    MY_KEY: 'sk-value-1',
    ORG: 'org-value',
    GOODPUT_API_KEY: 'sk-value-2',
    GOODPUT_RATE: 'nonsense',
  };
  const { text, rank } = await emitted(path, { secret: 'own-keys' }, env);
  expect(text).not.toMatch(/sk-|org-value/);
  const references = rank.env!.flatMap((each) => ('valueFrom' in each ? [each.valueFrom.secretKeyRef] : []));
  expect(references).toEqual(
    ['GOODPUT_MEET_TOKEN', 'MY_KEY', 'ORG'].map((key) => ({ name: 'own-keys', key })),
  );
  for (const { key } of references) expect(text).toContain(`--from-literal=${key}=`);
});

test.for([
  ['endpoint: { provider: groq }', 'GROQ_API_KEY', undefined],
  ['endpoint: { url: http://llm.example:8000/v1 }', 'GOODPUT_API_KEY', true],
] as const)('%s reads the key from %s', async ([endpoint, key, optional], { expect: check }) => {
  const { rank, warnings } = await emitted(written({ 'provider.yaml': `${endpoint}\n` }));
  const references = rank.env!.flatMap((each) => ('valueFrom' in each ? [each.valueFrom.secretKeyRef] : []));
  check(references.at(-1)).toEqual({
    name: 'provider-keys',
    key,
    ...(optional === undefined ? {} : { optional }),
  });
  check(warnings).toBe('');
});

test('a secret in plain text is refused with its place', async () => {
  const path = written({
    'inline.yaml': 'endpoint:\n  url: http://u:hunter22@llm.example/v1\n  headers: { x-api-key: hunter22 }\n',
  });
  const message = await refusal(path);
  expect(message).toContain('inline.yaml:2:8: endpoint.url');
  expect(message).toContain('inline.yaml:3:25: endpoint.headers.x-api-key');
  expect(message).not.toContain('hunter22');
});

describe('files', () => {
  test('every byte arrives at the same relative path, also outside the folder of the scenario', async () => {
    const contents = {
      'own/data/plain.jsonl': Buffer.from(PROMPT),
      'own/data/spaces.jsonl': Buffer.from(`  ${PROMPT}\n \t\n{"prompt":"é \u2028 #"}  `),
      'own/data/windows.jsonl': Buffer.from(PROMPT.replace('\n', '\r\n')),
    };
    const files = {
      'own/s/chat.yaml': `${ENDPOINT}workload: { data: { file: ['../data/*.jsonl', '../data/plain.jsonl'] } }\n`,
      ...contents,
    };
    const made = await emitted(written(files), { namespace: 'x' });
    const { 's/chat.yaml': scenario, ...data } = mounted(made);
    expect(data).toEqual(
      Object.fromEntries(Object.entries(contents).map(([path, bytes]) => [path.slice(4), bytes])),
    );
    expect(scenario!.toString()).toContain('../data/*.jsonl');
    expect(made.rank.args![1]).toBe('/scenario/s/chat.yaml');
  });

  test('every file that a scenario can name is packed', async () => {
    const files = {
      'all.yaml': `endpoint: { url: https://llm.example/v1, tls: { ca: tls/ca.pem, cert: tls/c.pem, key: tls/k.pem } }
workload: { prompts: p.jsonl }
model: { config: model/config.json }
run: { tokenizer: model/tokenizer.json }
`,
      'tls/ca.pem': 'ca',
      'tls/c.pem': 'certificate',
      'tls/k.pem': 'private-key',
      'p.jsonl': PROMPT,
      'model/config.json': readFileSync(join(import.meta.dirname, '..', 'scenario', 'tiny-llama.json')),
      'model/tokenizer.json': '{}',
    };
    const packed = Object.keys(mounted(await emitted(written(files))));
    expect(packed.toSorted()).toEqual(
      Object.keys(files)
        .filter((path) => path !== 'tls/k.pem')
        .sort(),
    );
  });

  test('a private key belongs to the Secret', async () => {
    const path = written({
      'tls.yaml': 'endpoint: { url: https://llm.example/v1, tls: { cert: c.pem, key: k.pem } }\n',
      'c.pem': 'certificate',
      'k.pem': 'private-key',
    });
    const { text, spec } = await emitted(path);
    expect(text).not.toContain('private-key');
    expect(text).toContain('--from-file=k.pem=');
    const [volume] = spec.volumes;
    expect('projected' in volume! && volume.projected.sources.at(-1)).toEqual({
      secret: { name: 'tls-keys', items: [{ key: 'k.pem', path: 'k.pem' }] },
    });
  });

  test('a ConfigMap of 1 MiB is full', async () => {
    const path = written({ 'size.yaml': `${ENDPOINT}workload: { data: size.jsonl }\n` });
    const [, data] = [path, join(folder, 'size.jsonl')];
    const left = CONFIG_MAP_BYTES - readFileSync(path).length;
    expect(CONFIG_MAP_BYTES).toBe(1_048_576);
    const filled = (bytes: number): string => {
      const record = (length: number): string => `{"prompt":"${'a'.repeat(length - 14)}"}\n`;
      return record(bytes - 100) + record(100);
    };
    writeFileSync(data, filled(left));
    const made = await emitted(path);
    expect(Object.values(made.configMap.data).reduce((sum, text) => sum + Buffer.byteLength(text), 0)).toBe(
      1_048_576,
    );
    writeFileSync(data, filled(left + 1));
    const message = await refusal(path);
    expect(message).toMatch(/size\.yaml:2:19: workload\.data.*1 MiB/);
  });

  test('absolute paths are of the image or a volume', async () => {
    const path = written({ 'absolute.yaml': `${ENDPOINT}workload: { data: /data/x.jsonl }\n` });
    const made = await emitted(path, { pvc: 'runs' });
    expect(made.warnings).toMatch(/workload\.data: \/data\/x\.jsonl.*not packed/);
    expect(Object.keys(mounted(made))).toEqual(['absolute.yaml']);
    expect(made.spec.volumes.at(-1)).toEqual({
      name: 'results',
      persistentVolumeClaim: { claimName: 'runs' },
    });
    expect(made.spec.containers).toHaveLength(1);
  });
});

test.for([
  [{}, /--ranks/],
  [{ ranks: '0' }, /--ranks.*"0"/],
  [{ ranks: '2', name: 'A_b' }, /--name.*A_b/],
  [{ ranks: '101', name: `a${'b'.repeat(59)}` }, /--name.*at most 59/],
  [{ ranks: '2', pvc: 'a b' }, /--pvc/],
  [{ ranks: '2', image: 'a b' }, /--image/],
] as const)('%o is refused', async ([flags, wrong]) => {
  expect(await refusal(written({ 'ok.yaml': ENDPOINT }), flags)).toMatch(wrong);
});

test.for([
  ['load: { rte: 5/s }', /:2:9: load\.rte.*did you mean rate/],
  ['load: { concurrency: 1 }', /load\.concurrency.*2 ranks/],
  ['run: { failFast: true }', /run\.failFast/],
  ['sweep: { rate: [1/s, 2/s] }', /:2:1: sweep/],
  ['workload: { data: missing.jsonl }', /:2:19: workload\.data.*missing\.jsonl/],
  ['workload: { data: broken.jsonl }', /broken\.jsonl:1/],
] as const)('a scenario with %s is refused', async ([line, wrong]) => {
  const path = written({ 'wrong.yaml': `${ENDPOINT}${line}\n`, 'broken.jsonl': '{"prompt":\n' });
  expect(await refusal(path)).toMatch(wrong);
});

test('the simulated endpoint is refused', async () => {
  expect(await refusal(written({ 'simulated.yaml': '\nendpoint: simulated\n' }))).toMatch(/:2:1: endpoint/);
});

test('names of scenarios become labels: pods get host names of at most 63 characters', () => {
  const random = randomStream(7, 'names');
  const characters = 'abcXYZ019-_.é '.split('');
  for (let n = 0; n < 300; n++) {
    const name = Array.from({ length: 1 + (n % 90) }, () => characters[random.below(characters.length)]).join(
      '',
    );
    const longest = 40 + (n % 24);
    const label = labelFrom(name, longest);
    expect(label).toMatch(/^[a-z]([a-z0-9-]*[a-z0-9])?$/);
    expect(label.length).toBeLessThanOrEqual(longest);
  }
  expect(labelFrom('Chat Nightly (v2)', 63)).toBe('chat-nightly-v2');
  expect(labelFrom('2024', 63)).toBe('goodput');
});
