import { DIRECT, type Route } from '../client/connection/network-route.ts';
import { GoodputError } from '../errors.ts';
import type { Endpoint, Scenario } from '../scenario/keys/scenario.ts';
import { NVIDIA_SMI, OWN_PAGE } from '../scenario/keys/telemetry-key.ts';
import { hasNvidiaSmi } from '../telemetry/nvidia-smi.ts';
import type { PageTarget, TelemetryTarget } from '../telemetry/target.ts';
import { Telemetry } from '../telemetry/telemetry.ts';

/** @throws {GoodputError} kind `usage` if a scenario needs a program that this machine does not have */
export function assertTelemetry({ telemetry }: Pick<Scenario, 'telemetry'>): void {
  if (telemetry.some(({ target }) => target === NVIDIA_SMI) && !hasNvidiaSmi())
    throw new GoodputError('usage', 'telemetry: nvidia-smi is not installed, or not on the PATH', {
      hint: 'Name the URL of a DCGM exporter on the machine with the GPUs, or omit --telemetry nvidia-smi.',
    });
}

/** The run whose endpoint may be scraped. */
interface TelemetryRun {
  scenario: Scenario;
  /** Base URL of the requests. */
  url: string;
  route: Route;
  /** The run folder. */
  dir: string;
}

/** Starts to scrape the targets of a run; `null` if it has none. */
export function startTelemetry(run: TelemetryRun, warn: (text: string) => void): Telemetry | null {
  const { telemetry, run: settings } = run.scenario;
  if (telemetry.length === 0) return null;
  const targets = telemetry.flatMap(({ target, shown }): TelemetryTarget[] => {
    if (target === NVIDIA_SMI) return [{ kind: NVIDIA_SMI, label: NVIDIA_SMI }];
    return target === OWN_PAGE ? ownPages(run) : [pageOf(target, shown, run)];
  });
  const unique = [...new Map(targets.map((each) => [each.label, each])).values()];
  return new Telemetry({ targets: unique, every_ms: settings.telemetryEvery, dir: run.dir }, warn);
}

/** Returns the pages of the endpoint and its replicas. */
function ownPages(run: TelemetryRun): PageTarget[] {
  const origins = [run.url, ...run.scenario.endpoint.replicas].map((url) => new URL(url).origin);
  return [...new Set(origins)].map((origin) => pageOf(`${origin}/metrics`, `${origin}/metrics`, run));
}

/** Returns a page. One at the origin of the endpoint is requested like the endpoint: with its key and its certificates. */
function pageOf(
  target: string,
  label: string,
  { scenario: { endpoint }, url, route }: TelemetryRun,
): PageTarget {
  const page = new URL(target);
  const isOwn = [url, ...endpoint.replicas].some((each) => new URL(each).origin === page.origin);
  const pair = `${decodeURIComponent(page.username)}:${decodeURIComponent(page.password)}`;
  page.username = '';
  page.password = '';
  const authorization =
    pair === ':' ? (isOwn ? keyOf(endpoint) : null) : `Basic ${Buffer.from(pair).toString('base64')}`;
  return {
    kind: 'page',
    label,
    url: page.href,
    headers: authorization === null ? {} : { authorization },
    route: isOwn ? route : DIRECT,
  };
}

const keyOf = ({ apiKey, headers }: Endpoint): string | null =>
  headers['authorization'] ?? (apiKey === null ? null : `Bearer ${apiKey}`);
