/** nginx as a reverse proxy: a single process with its own configuration, not the system's service. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { answers, Child, note } from './child.ts';
import { freePort } from './free-port.ts';
import { CACHE, RUNS } from './paths.ts';
import { reason, run } from './venv.ts';

export interface NginxOptions {
  upstream: string; // a base URL with its /v1
  /** `default`: nginx's own buffers, 4 to 8 kB; `large`: larger than a complete response. */
  buffering: 'off' | 'default' | 'large';
  /** HTTP version to the server; nginx 1.22 uses 1.0 by default. */
  http: '1.0' | '1.1';
  /** Compress responses even if not requested. */
  gzip?: boolean;
}

export interface Nginx {
  url: string;
  version: string;
  stop(): Promise<void>;
}

const BUFFERING = {
  off: 'proxy_buffering off;',
  default: '',
  large: 'proxy_buffer_size 1m; proxy_buffers 8 1m; proxy_busy_buffers_size 2m;',
};
const HTTP = { '1.0': '', '1.1': 'proxy_http_version 1.1; proxy_set_header Connection "";' };

export async function startNginx({ upstream, buffering, http, gzip = false }: NginxOptions): Promise<Nginx> {
  const program = await findNginx();
  const port = await freePort();
  const prefix = join(RUNS, `nginx-${port}`);
  await mkdir(prefix, { recursive: true });
  const server = (listen: string, ...lines: string[]): string =>
    `  server { listen ${listen}; location / { ${lines.join(' ')} } }`;
  const proxy = [`proxy_pass ${new URL(upstream).origin};`, HTTP[http], BUFFERING[buffering]];
  // goodput requests no compression: a second server in front requests it, and passes responses on.
  const servers = gzip
    ? [
        server(
          `127.0.0.1:${port}`,
          'proxy_pass http://unix:inner.sock;',
          'proxy_set_header Accept-Encoding gzip;',
          HTTP['1.1'],
          BUFFERING.off,
        ),
        server('unix:inner.sock', ...proxy, 'gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0;'),
      ]
    : [server(`127.0.0.1:${port}`, ...proxy)];
  const conf = `daemon off; master_process off; worker_processes 1; pid nginx.pid; error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name}_temp;`).join(' ')}
${servers.join('\n')}
}
`;
  await writeFile(join(prefix, 'nginx.conf'), conf);
  const child = new Child(program, ['-p', prefix, '-c', 'nginx.conf', '-e', 'stderr'], {
    name: 'nginx',
    stop: 'SIGQUIT',
  });
  const origin = `http://127.0.0.1:${port}`;
  await child.until(() => answers(`${origin}/v1/models`), 'answer', 20_000);
  const { stderr } = await run(program, ['-v']);
  return { url: `${origin}/v1`, version: stderr.trim().replace(/^.*\//, ''), stop: () => child.stop() };
}

/**
 * Returns nginx from the path, else from Debian's package, unpacked into the cache: nothing is installed, no service
 * is started.
 */
async function findNginx(): Promise<string> {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const unpacked = join(CACHE, 'nginx');
  const found = [...places, join(unpacked, 'usr', 'sbin')]
    .map((folder) => join(folder, 'nginx'))
    .find(existsSync);
  if (found !== undefined) return found;
  note('unpacking Debian’s package of nginx into .cache/real/nginx (once)');
  await rm(unpacked, { recursive: true, force: true });
  await mkdir(unpacked, { recursive: true });
  const shell = 'apt-get download nginx && dpkg -x nginx_*.deb .';
  await run('sh', ['-c', shell], { cwd: unpacked }).catch((cause: unknown) => {
    throw new Error(`nginx is needed and was not found (apt-get install nginx): ${reason(cause)}.`, {
      cause,
    });
  });
  return join(unpacked, 'usr', 'sbin', 'nginx');
}
