/** LiteLLM's proxy in front of another server, from the Python package registry. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { answers, Child, note } from './child.ts';
import { freePort } from './free-port.ts';
import { MODEL } from './llama-server.ts';
import { RUNS } from './paths.ts';
import { venvWith } from './venv.ts';

const VENV = {
  name: 'litellm',
  packages: ['litellm[proxy]==1.106.12'],
  size: 'about 120 packages of 750 MB',
  dependencies: true,
};

export interface LiteLlm {
  url: string;
  /** The proxy does not start without a key. */
  key: string;
  /** Connections that it tried to open to other machines. */
  outward(): number;
  stop(): Promise<void>;
  log(): string;
}

export async function startLiteLlm(upstream: string): Promise<LiteLlm> {
  const bin = await venvWith(VENV);
  const key = `sk-${randomBytes(24).toString('hex')}`;
  const port = await freePort();
  const home = join(RUNS, 'litellm');
  await mkdir(home, { recursive: true });
  const config = join(home, 'config.yaml');
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({
      model_list: [
        {
          model_name: MODEL,
          litellm_params: { model: `openai/${MODEL}`, api_base: upstream, api_key: 'none' },
        },
      ],
      litellm_settings: { telemetry: false, num_retries: 0 },
    }),
  );
  const trap = await startTrap();
  const child = new Child(
    bin('litellm'),
    ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'],
    {
      name: 'LiteLLM',
      // Otherwise it downloads its price list, its headers and its news; remaining attempts reach the trap.
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        LITELLM_MASTER_KEY: key,
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: 'True',
        LITELLM_TELEMETRY: 'False',
        DISABLE_ADMIN_UI: 'True',
        NO_DOCS: 'True',
        HTTP_PROXY: trap.url,
        HTTPS_PROXY: trap.url,
        ALL_PROXY: trap.url,
        NO_PROXY: '127.0.0.1,localhost',
      },
    },
  );
  const origin = `http://127.0.0.1:${port}`;
  await child
    .until(() => answers(`${origin}/health/liveliness`), 'answer', 180_000)
    .catch(async (cause: unknown) => {
      trap.close();
      throw cause;
    });
  note(`LiteLLM on ${origin} in front of ${upstream}`);
  return {
    url: `${origin}/v1`,
    key,
    outward: () => trap.connections(),
    async stop() {
      await child.stop();
      trap.close();
    },
    log: () => child.log,
  };
}

/** Acts as the proxy for everything outside of this machine, counts connections, and refuses them. */
async function startTrap(): Promise<{ url: string; connections(): number; close(): void }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => {}).destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    close: () => void server.close(),
  };
}
