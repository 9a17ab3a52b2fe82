import type uPlotType from 'uplot';
import type { PageData } from './chart.ts';
import { drawLines } from './line-chart.ts';
import { sizeIn } from './plot.ts';
import { drawScatter } from './scatter-chart.ts';
import { redrawAll, setUpTheme } from './theme.ts';

/** Draws every chart of the page into its figure. */
function drawPage(): void {
  const data = JSON.parse(document.querySelector('#data')!.textContent) as PageData;
  setUpTheme();
  const plots: uPlotType[] = [];
  for (const chart of data.charts) {
    const figure = document.querySelector<HTMLElement>(`#${CSS.escape(chart.id)}`);
    if (figure === null) continue;
    if (chart.kind === 'lines') plots.push(drawLines(figure, chart));
    else if (data.points !== null) plots.push(drawScatter(figure, chart, data.points));
  }
  document.documentElement.dataset['drawn'] = String(plots.length);
  const fit = (): void => {
    for (const plot of plots) plot.setSize(sizeIn(plot.root.parentElement!));
    redrawAll();
  };
  addEventListener('beforeprint', fit);
  addEventListener('afterprint', fit);
}

drawPage();
