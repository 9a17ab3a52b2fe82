import { collectorSettings, type CollectorSettings } from '../collector/collector-settings.ts';
import type { Results } from '../../render/exporters.ts';
import type { OtlpDocument } from '../../render/export/otlp-document.ts';
import { clean } from '../../render/layout/clean.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { fitted } from './fitted.ts';
import type { Io } from './io.ts';

/** Sends the metrics of results to a collector. @throws {Error} that says where they were sent and what went wrong */
export type SendResults<T> = (found: T, io: Io) => Promise<void>;

/** Returns what `--push-otlp` does; `null` without it. Adds to `mistakes` what is wrong with it and its environment variables. */
export function metricsOutput<T>(
  flags: Flags,
  { metrics, noun }: Results<T>,
  { env }: Io,
  mistakes: string[],
): SendResults<T> | null {
  if (flags['push-otlp'] !== true) return null;
  if (metrics === undefined) {
    mistakes.push(`--push-otlp: a ${noun} has no metrics; report its runs with goodput report`);
    return null;
  }
  const settings = collectorSettings(env);
  if (!settings.ok) {
    mistakes.push(...settings.problem);
    return null;
  }
  return async (found, io) => {
    const said = await send(withResource(await metrics(found), settings.value), settings.value);
    if (flags.quiet !== true) io.stderr.write(fitted(`${said}\n`, io.stderr));
  };
}

/** @returns a sentence about what was sent where */
async function send(document: OtlpDocument, settings: CollectorSettings): Promise<string> {
  const where = settings.url.origin + settings.url.pathname;
  const { sendMetrics } = await import('../collector/send-metrics.ts');
  let delivery;
  try {
    delivery = await sendMetrics(document, settings);
  } catch (error) {
    throw new Error(
      `cannot send metrics to ${where}: ${clean(error instanceof Error ? error.message : String(error))}`,
      { cause: error },
    );
  }
  const { rejected, message } = delivery;
  if (rejected > 0)
    throw new Error(
      `${where} refused ${rejected} of the data points${message === '' ? '' : `: ${clean(message)}`}`,
    );
  const runs = document.resourceMetrics.length;
  const metrics = document.resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap((scope) => scope.metrics.map(({ name }) => name)),
  );
  const sent = `sent ${new Set(metrics).size} metrics of ${runs === 1 ? '1 run' : `${runs} runs`} to ${where}`;
  return message === '' ? sent : `${sent}; it says: ${clean(message)}`;
}

/** Returns the document with the attributes of the environment, which replace those with the same key. */
const withResource = (
  { resourceMetrics }: OtlpDocument,
  { resource: added }: CollectorSettings,
): OtlpDocument => ({
  resourceMetrics: resourceMetrics.map(({ resource: { attributes }, scopeMetrics }) => ({
    resource: {
      attributes: [
        ...attributes.filter(({ key }) => added[key] === undefined),
        ...Object.entries(added).map(([key, stringValue]) => ({ key, value: { stringValue } })),
      ],
    },
    scopeMetrics,
  })),
});
