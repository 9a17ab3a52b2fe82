declare module 'parse-prometheus-text-format' {
  interface Metric {
    value?: string;
    timestamp_ms?: string;
    labels?: Record<string, string>;
    buckets?: Record<string, string>;
    count?: string;
    sum?: string;
  }

  interface Family {
    name: string;
    type: string;
    help: string;
    metrics: Metric[];
  }

  /** Parses pages of Prometheus' text format into families. */
  export default function parsePrometheusTextFormat(text: string): Family[];
}
