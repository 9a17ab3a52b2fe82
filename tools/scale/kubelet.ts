import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { output } from './command.ts';

interface Container {
  name: string;
  command: string[];
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: Record<string, any> }[];
  volumeMounts: { name: string; mountPath: string }[];
}

interface Volume {
  name: string;
  projected?: {
    sources: Record<'configMap' | 'secret', { name: string; items: { key: string; path: string }[] }>[];
  };
}

/** A pod as the API server has it. */
export interface Pod {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
  spec: {
    nodeName?: string;
    hostname?: string;
    subdomain?: string;
    containers: Container[];
    volumes: Volume[];
  };
}

interface Started {
  pod: Pod;
  /** Exit codes by container; `null` while it runs. */
  codes: Map<string, number | null>;
  children: Map<string, ChildProcess>;
}

interface KubeletOptions {
  namespace: string;
  /** The folder that has a folder for each pod, with its volumes. */
  folder: string;
  env: Record<string, string | undefined>;
}

/**
 * Acts as the kubelet of all nodes: runs the containers of each pod that the scheduler has placed as processes on this host, with its
 * environment and its volumes, and reports their states. Paths of mounts and names of pods in arguments become those of this host.
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #started = new Map<string, Started>();
  #isStopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: KubeletOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#loop;
    for (const { children } of this.#started.values())
      for (const child of children.values()) child.kill('SIGKILL');
  }

  /** The pods that were started. */
  get pods(): Pod[] {
    return [...this.#started.values()].map(({ pod }) => pod);
  }

  /** Returns the exit code of a container that has ended; `null` for others. */
  codeOf(pod: Pod, container: string): number | null {
    return this.#started.get(pod.metadata.name)?.codes.get(container) ?? null;
  }

  /** Kills a container of a pod. */
  kill(pod: Pod, container: string): void {
    this.#started.get(pod.metadata.name)!.children.get(container)!.kill('SIGKILL');
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      for (const pod of await this.#placed()) {
        if (this.#started.has(pod.metadata.name)) continue;
        await this.#begin(pod);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  #kubectl(words: readonly string[]): Promise<string> {
    const { namespace, env } = this.#options;
    return output(['kubectl', '-n', namespace, ...words], { env });
  }

  async #placed(): Promise<Pod[]> {
    const { items } = JSON.parse(await this.#kubectl(['get', 'pods', '-o', 'json'])) as { items: Pod[] };
    return items.filter(
      ({ spec, metadata }) => spec.nodeName !== undefined && metadata.deletionTimestamp === undefined,
    );
  }

  async #begin(pod: Pod): Promise<void> {
    const folder = join(this.#options.folder, pod.metadata.name);
    for (const volume of pod.spec.volumes) await this.#mount(volume, join(folder, volume.name));
    const started: Started = { pod, codes: new Map(), children: new Map() };
    this.#started.set(pod.metadata.name, started);
    for (const container of pod.spec.containers) {
      const env = await this.#environment(container, pod);
      const [program = '', ...args] = [...container.command, ...(container.args ?? [])].map((word) =>
        onThisHost(word, pod, container, folder),
      );
      const log = createWriteStream(join(folder, `${container.name}.log`));
      const child = spawn(program, args, {
        cwd: join(folder, 'results'),
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.pipe(log);
      child.stderr.pipe(log);
      started.codes.set(container.name, null);
      started.children.set(container.name, child);
      // A process that was killed by a signal has 128 and its number: 137 for SIGKILL.
      child.on('close', (code) => {
        started.codes.set(container.name, code ?? 137);
        void this.#report(started);
      });
    }
    await this.#report(started);
  }

  /** Makes a volume as the kubelet does: files of a projected volume are links to links, so that they can be replaced at once. */
  async #mount({ projected }: Volume, folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    if (projected === undefined) return;
    const tops = new Set<string>();
    for (const source of projected.sources) {
      const [kind, { name, items }] = Object.entries(source)[0]!;
      const object = JSON.parse(await this.#kubectl(['get', kind, name, '-o', 'json'])) as Record<
        string,
        any
      >;
      for (const { key, path } of items) {
        const text = kind === 'configMap' ? object['data']?.[key] : undefined;
        const base64 = object[kind === 'configMap' ? 'binaryData' : 'data']?.[key];
        const file = join(folder, '..1', path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text ?? Buffer.from(base64, 'base64'));
        tops.add(path.split('/')[0]!);
      }
    }
    await symlink('..1', join(folder, '..data'));
    for (const top of tops) await symlink(join('..data', top), join(folder, top));
  }

  /** Returns exactly the variables that a container would have, and the path of the image. */
  async #environment({ env = [] }: Container, pod: Pod): Promise<Record<string, string>> {
    const found: Record<string, string> = {
      PATH: this.#options.env['PATH'] ?? '',
      HOME: '/tmp',
      HOSTNAME: pod.spec.hostname ?? pod.metadata.name,
    };
    for (const { name, value, valueFrom } of env) {
      if (valueFrom?.['fieldRef'] !== undefined) {
        const label = /^metadata\.labels\['(.*)'\]$/.exec(valueFrom['fieldRef'].fieldPath)![1]!;
        found[name] = pod.metadata.labels[label]!;
      } else if (valueFrom?.['secretKeyRef'] !== undefined) {
        const { name: secret, key, optional } = valueFrom['secretKeyRef'];
        const { data } = JSON.parse(await this.#kubectl(['get', 'secret', secret, '-o', 'json'])) as {
          data: Record<string, string>;
        };
        if (data[key] !== undefined) found[name] = Buffer.from(data[key], 'base64').toString();
        else if (optional !== true) throw new Error(`Secret ${secret} has no ${key}`);
      } else {
        found[name] = value ?? '';
      }
    }
    return found;
  }

  async #report({ pod, codes }: Started): Promise<void> {
    const all = [...codes.values()];
    const hasEnded = all.every((code) => code !== null);
    const phase = !hasEnded ? 'Running' : all.every((code) => code === 0) ? 'Succeeded' : 'Failed';
    const now = new Date().toISOString();
    const index = Number(pod.metadata.labels['batch.kubernetes.io/job-completion-index']);
    const status = {
      phase,
      // Addresses as nodes give them: the loopback address would not get into an EndpointSlice.
      podIP: `10.244.0.${index + 10}`,
      podIPs: [{ ip: `10.244.0.${index + 10}` }],
      conditions: [{ type: 'Ready', status: hasEnded ? 'False' : 'True' }],
      containerStatuses: [...codes].map(([name, exitCode]) => ({
        name,
        image: 'goodput',
        imageID: '',
        ready: exitCode === null,
        restartCount: 0,
        state:
          exitCode === null
            ? { running: { startedAt: now } }
            : { terminated: { exitCode, finishedAt: now, reason: exitCode === 0 ? 'Completed' : 'Error' } },
      })),
    };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await this.#kubectl(['patch', 'pod', pod.metadata.name, ...patch]).catch(() => '');
  }
}

/** Replaces the paths of mounts, and the names of pods by the address at which all of them run here. */
function onThisHost(word: string, { spec }: Pod, { volumeMounts }: Container, folder: string): string {
  let own = word;
  for (const { name, mountPath } of volumeMounts)
    own = own.replaceAll(new RegExp(`${mountPath}(?=[/ ]|$)`, 'g'), join(folder, name));
  return own.replace(new RegExp(`//[a-z0-9-]+\\.${spec.subdomain}:`), '//127.0.0.1:');
}
