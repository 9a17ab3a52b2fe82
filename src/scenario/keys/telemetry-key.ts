import { didYouMean } from '../../errors.ts';
import type { Checked, Problem } from './problem.ts';
import { listOf } from './transport-keys.ts';

/** The pages `/metrics` of the endpoint and its replicas; also of the embedded endpoint, whose port is not known before. */
export const OWN_PAGE = 'endpoint';
/** The program that reads the devices of this machine. */
export const NVIDIA_SMI = 'nvidia-smi';

const EXPECTED = `the URL of a page of metrics, like http://127.0.0.1:8000/metrics, or ${OWN_PAGE}, or ${NVIDIA_SMI}`;

/** Returns a target as written, a URL with the path that it has by default. */
function parseTarget(input: unknown): Checked<string> {
  const fail = (problem: Problem = {}): Checked<string> => ({
    ok: false,
    problem: { expected: EXPECTED, ...problem },
  });
  if (typeof input !== 'string') return fail();
  const written = input.trim();
  if (written === OWN_PAGE || written === NVIDIA_SMI) return { ok: true, value: written };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const address = /^[\w.-]+:\d+(\/\S*)?$/.test(written) ? `http://${written}` : null;
    return fail({ meant: address ?? didYouMean(written, [OWN_PAGE, NVIDIA_SMI]) });
  }
  if (scheme !== 'http' && scheme !== 'https')
    return fail({ wrong: `unsupported scheme ${scheme}; goodput supports http and https` });
  if (!URL.canParse(written)) return fail({ wrong: 'invalid URL' });
  const url = new URL(written);
  url.hash = '';
  if (url.pathname === '/') url.pathname = '/metrics';
  return { ok: true, value: url.href };
}

/** `telemetry`: what is scraped during a run. */
export const telemetryField = listOf(
  parseTarget,
  'Pages of metrics to scrape during the run, in a thread of its own: URLs (`/metrics` without a path), `endpoint` for the page of the endpoint itself, `nvidia-smi` for the devices of this machine.',
  [['http://127.0.0.1:8000/metrics', 'http://127.0.0.1:9400/metrics']],
).optional();
