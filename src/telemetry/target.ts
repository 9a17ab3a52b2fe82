import type { Route } from '../client/connection/network-route.ts';
import type { SeriesValues } from './prometheus-text.ts';

/** A page of metrics. The credentials are in plain text: only `label` may be shown or recorded. */
export interface PageTarget {
  kind: 'page';
  /** The URL without credentials. */
  label: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  route: Route;
}

/** The output of nvidia-smi on this machine. */
export interface DeviceTarget {
  kind: 'nvidia-smi';
  label: string;
}

export type TelemetryTarget = PageTarget | DeviceTarget;

/** One scrape, its instants on the host's monotonic clock in nanoseconds. */
export interface RawScrape {
  target: string;
  sent_ns: bigint;
  received_ns: bigint;
  values: SeriesValues | null;
  error: string | null;
}

/** Scrapes one target from the start to the end of a run. Failures are results. */
export interface Scraper {
  /** Resolves when the first scrape has ended. */
  readonly first: Promise<void>;
  /** Ends with one more scrape; resolves when that has ended. */
  end(): Promise<void>;
}
