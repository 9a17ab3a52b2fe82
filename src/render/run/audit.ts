import type { Audit } from '../../verdict/audit.ts';
import { sentence } from '../layout/clean.ts';
import { duration, share } from '../../numbers.ts';
import { entry, hanging } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

/** Returns the status of the audit, and which rules could not be checked. */
export const auditStatus = ({ status, not_checked = [] }: Audit): string =>
  not_checked.length === 0 ? status : `${status}; not checked: ${not_checked.join(', ')}`;

/** Returns the audit: its status, figures, and reasons with advice. */
export function audit(found: Audit, page: Page): string[] {
  const figures = auditFigures(found);
  const text = auditStatus(found);
  const status =
    found.status === 'valid' ? text : page.ink[found.status === 'invalid' ? 'bad' : 'warn'](text);
  const lines = entry('Audit', figures === '' ? status : `${status}: ${figures}`, page);
  for (const [k, reason] of found.reasons.entries()) {
    lines.push(...hanging(`  ${page.signs.bullet}`, sentence(reason.text, page.unicode), page));
    // Reasons with the same cause share one advice, below the last of them.
    if (reason.advice !== '' && found.reasons[k + 1]?.advice !== reason.advice)
      lines.push(...hanging('    ', sentence(reason.advice, page.unicode), page).map(page.ink.faint));
  }
  return lines;
}

export function auditFigures(found: Audit): string {
  const parts: string[] = [];
  if (found.send_lag_p99_ms !== null) parts.push(`send lag p99 ${duration(found.send_lag_p99_ms)}`);
  if (found.event_loop_delay_max_ms !== null) {
    parts.push(`loop delay max ${duration(found.event_loop_delay_max_ms)}`);
  }
  if (found.event_loop_utilization !== null) parts.push(`${share(found.event_loop_utilization, 2)} busy`);
  return parts.join(', ');
}
