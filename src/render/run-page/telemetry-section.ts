import type { Report } from '../../analysis/report.ts';
import { type Html, html } from '../page/html.ts';
import { telemetryTexts } from '../run/telemetry.ts';
import { words } from './texts.ts';

/** Returns what the servers and devices reported. */
export const telemetrySection = (report: Report): Html =>
  html`${telemetryTexts(report).flatMap(({ label, texts }) =>
    texts.map((text) => html`<p class="line"><strong>${label}</strong> ${words(text)}</p>`),
  )}`;
