/** The style sheet of every page. Colours are variables, so that light and dark differ in them alone. */
export const STYLE = `
:root{color-scheme:light dark;
--bg:#fff;--panel:#f6f7f9;--text:#1b1f24;--faint:#5b6470;--rule:#d9dde3;--grid:#e6e9ee;--shade:#eef1f5;--limit:#b3261e;--link:#0b57d0;
--good:#146c2e;--bad:#b3261e;--warn:#8a5300;
--line-0:#0072b2;--line-1:#c45500;--line-2:#00805c;--line-3:#c2185b;--line-4:#6b5fb5;--line-5:#4d7f00;--line-6:#2387b8;--line-7:#70757d}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){
--bg:#14171b;--panel:#1d2126;--text:#e7eaee;--faint:#a3acb8;--rule:#363c45;--grid:#2a2f37;--shade:#1f242b;--limit:#ff8a80;--link:#8ab4f8;
--good:#7ddc9a;--bad:#ff8a80;--warn:#f5bd5c;
--line-0:#5cb3f0;--line-1:#ffa14a;--line-2:#4fd0a5;--line-3:#ff7fb0;--line-4:#b3a6ff;--line-5:#a8d65c;--line-6:#8fd3f5;--line-7:#aab2bd}}
:root[data-theme=dark]{color-scheme:dark;
--bg:#14171b;--panel:#1d2126;--text:#e7eaee;--faint:#a3acb8;--rule:#363c45;--grid:#2a2f37;--shade:#1f242b;--limit:#ff8a80;--link:#8ab4f8;
--good:#7ddc9a;--bad:#ff8a80;--warn:#f5bd5c;
--line-0:#5cb3f0;--line-1:#ffa14a;--line-2:#4fd0a5;--line-3:#ff7fb0;--line-4:#b3a6ff;--line-5:#a8d65c;--line-6:#8fd3f5;--line-7:#aab2bd}
:root[data-theme=light]{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main,.top,.banner,footer{max-width:1500px;margin:0 auto;padding:0 24px}
a{color:var(--link)}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:4px 8px;z-index:9}
.banner{background:var(--warn);color:var(--bg);max-width:none;margin:0;padding:4px 24px;text-align:center}
.top{display:flex;gap:16px;align-items:center;justify-content:space-between;padding-top:10px}
nav{display:flex;flex-wrap:wrap;gap:2px 14px;font-size:13px}nav a{color:var(--faint);text-decoration:none}nav a:hover,nav a:focus-visible{color:var(--text);text-decoration:underline}
button{font:inherit;color:inherit}
#theme,.reset{background:none;border:1px solid var(--rule);border-radius:4px;padding:1px 8px;font-size:12px;color:var(--faint);cursor:pointer}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.verdict{padding:14px 0 4px}
h1{font-size:24px;line-height:1.25;margin:0;font-weight:650;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 8px;font-weight:650}
h3{font-size:13px;margin:0;font-weight:600}
.badge{display:inline-block;padding:1px 10px;border-radius:4px;border:1.5px solid currentColor;font-size:17px;vertical-align:2px;letter-spacing:.02em}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.faint{color:var(--faint)}
.outcome{margin:4px 0 0;font-size:15px}.early{margin:4px 0 0;color:var(--warn)}
.facts{margin:2px 0 0;color:var(--faint);display:flex;flex-wrap:wrap;gap:0 18px;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:1px;background:var(--rule);border:1px solid var(--rule);border-radius:6px;overflow:hidden;margin:12px 0 0}
.tile{background:var(--panel);padding:8px 12px}
.tile dt{font-size:12px;color:var(--faint)}.tile dd{margin:0;font-size:20px;font-weight:600;white-space:nowrap}.unit{font-size:12px;font-weight:400;color:var(--faint)}
section{border-top:1px solid var(--rule);margin-top:20px;padding-top:14px}
.line{margin:4px 0;overflow-wrap:anywhere}.note{margin:2px 0 6px;color:var(--faint);font-size:13px;max-width:110ch}
.missing{margin:6px 0;padding:8px 12px;background:var(--panel);border-left:3px solid var(--rule);max-width:110ch}
ul.notes,ul.reasons{margin:4px 0;padding-left:20px;max-width:110ch;overflow-wrap:anywhere}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;margin:6px 0;font-size:13px}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:3px 12px 3px 0;text-align:left;vertical-align:top;font-weight:400;border-bottom:1px solid var(--grid)}
thead th{color:var(--faint);font-size:12px;white-space:nowrap}
td.n,th.n{text-align:right;white-space:nowrap}
tbody th{white-space:nowrap}td.t{white-space:nowrap}td.t:last-child{white-space:normal;min-width:14ch;max-width:90ch;overflow-wrap:anywhere}thead th.t{white-space:nowrap}
code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--panel);padding:10px 12px;overflow-x:auto;margin:6px 0}
.why{background:none;border:0;padding:0;position:relative;cursor:help;font:inherit;text-decoration:underline dotted;text-underline-offset:3px}
.why:hover::after,.why:focus::after{content:attr(data-why);position:absolute;right:0;bottom:125%;background:var(--text);color:var(--bg);padding:2px 8px;border-radius:4px;font-size:12px;font-weight:400;white-space:nowrap;z-index:5}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));gap:14px 28px;margin-top:10px}
.charts.three{grid-template-columns:repeat(auto-fill,minmax(min(100%,380px),1fr))}
.charts.stacked{grid-template-columns:repeat(auto-fill,minmax(min(100%,560px),1fr))}
figure{margin:0;min-width:0}
figcaption .note{margin:0}
.plot{height:220px;position:relative;border-radius:4px}.low .plot{height:170px}.high .plot{height:320px}
.legend{display:flex;flex-wrap:wrap;gap:0 10px;align-items:center;font-size:12px;min-height:26px;padding-left:8px}
.series{background:none;border:0;padding:2px 4px;cursor:pointer;display:inline-flex;gap:5px;align-items:center}
.series[aria-pressed=false]{opacity:.45;text-decoration:line-through}
.series .value{min-width:5.5em;text-align:left;color:var(--text);font-weight:600}.series .value:empty{min-width:0}
.swatch{width:22px;height:10px;flex:none}.swatch path{stroke:currentColor;stroke-width:2;fill:none}.swatch.bar path,.swatch.points path{fill:currentColor;stroke-width:1.5}
.swatch.style-1 path{stroke-dasharray:6 3}.swatch.style-2 path{stroke-dasharray:2 3}.swatch.style-3 path{stroke-dasharray:9 3 2 3}.swatch.bound path{stroke-dasharray:2 2}.swatch.bar path,.swatch.points path{stroke-dasharray:none}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.at{color:var(--faint)}.reset{margin-left:auto}
.request{margin:2px 0 4px 8px;font-size:13px;min-height:1.5em;overflow-wrap:anywhere}
details{margin:4px 0}summary{cursor:pointer;color:var(--faint);font-size:12px;width:fit-content}
.numbers .scroll{max-height:360px;overflow:auto}
.keys{display:flex;flex-wrap:wrap;gap:2px 14px;list-style:none;margin:4px 0;padding:0;font-size:12px}.keys svg{width:14px;height:10px;margin-right:5px}
.bars{width:100%;min-width:700px;max-width:1100px;height:auto;display:block;font-size:11px}
.bars text{fill:var(--text)}.bars .tick{fill:var(--faint);text-anchor:middle}.bars .name{text-anchor:end}.bars .what{fill:var(--faint)}.bars .bad{fill:var(--bad)}.bars .grid{stroke:var(--grid)}
.wait{fill:var(--line-7);opacity:.55}.connect{fill:var(--line-4);opacity:.7}.prefill{fill:var(--line-1)}.stream{fill:var(--line-0)}.gap{fill:var(--bg);fill-opacity:.78;stroke:var(--line-0);stroke-width:.75}.rest{fill:var(--rule)}
.bars .decides{font-weight:700}.bars .zero{stroke:var(--faint)}.band{fill:var(--shade)}.forest .bars{font-size:12px}
.forest g line{stroke:currentColor;stroke-width:2}.forest .tip{fill:currentColor}.better,.same{color:var(--good)}.worse{color:var(--bad)}.forest .open{color:var(--warn)}
.share{width:110px;height:10px;vertical-align:-1px}.share rect{fill:var(--line-0)}
h2.small{font-size:13px;margin:10px 0 0}
.fail{stroke:var(--bad);stroke-width:2;fill:none}
.u-select{background:color-mix(in srgb,var(--link) 16%,transparent)}
@media (max-width:600px){main,.top,.banner{padding-left:12px;padding-right:12px}.tile dd{font-size:17px}h1{font-size:20px}}
@media print{
:root,:root:not([data-theme=light]),:root[data-theme=dark]{color-scheme:light;
--bg:#fff;--panel:#f6f7f9;--text:#000;--faint:#444;--rule:#bbb;--grid:#e3e3e3;--shade:#eee;--limit:#b3261e;--link:#000;--good:#146c2e;--bad:#b3261e;--warn:#8a5300;
--line-0:#0072b2;--line-1:#c45500;--line-2:#00805c;--line-3:#c2185b;--line-4:#6b5fb5;--line-5:#4d7f00;--line-6:#2387b8;--line-7:#70757d}
@page{size:A4;margin:14mm}
body{font-size:10.5pt}main,.top,.banner{padding:0;max-width:none}.skip,nav,#theme,.reset,.numbers,.request{display:none}
.charts,.charts.three,.charts.stacked{grid-template-columns:1fr 1fr;gap:8px 14px}.charts.stacked{grid-template-columns:1fr}
figure,.tiles,tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}pre{white-space:pre-wrap}
.tiles{grid-template-columns:repeat(4,1fr)}.banner{border:1px solid #000;color:#000;background:none}
}
`;
