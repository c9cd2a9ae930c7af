"""How a report looks, on a screen and on paper. Colours keep a contrast of 4.5 to 1 for words and 3 to 1 for shapes."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light; --ink: #0b0c0c; --grey: #505a5f; --line: #b1b4b6; --red: #aa2a16; --blue: #1d70b8; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 1.0625rem/1.5 Arial, Helvetica, sans-serif; }
.skip { position: absolute; left: -999em; }
.skip:focus { position: static; display: block; padding: .75rem 1rem; background: #fd0; color: var(--ink); }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 2.25rem; line-height: 1.1; margin: .25rem 0 1rem; letter-spacing: -.01em; }
h2 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .75rem; }
h3 { font-size: 1.1875rem; margin: 2rem 0 .25rem; } h4 { margin: 1.25rem 0 .25rem; font-size: 1rem; color: var(--grey); }
p { margin: 0 0 1rem; max-width: 44rem; }
section { margin-top: 3rem; } section section { margin-top: 0; }
.council { margin: 0; color: var(--grey); } .lead { font-size: 1.1875rem; }
:focus-visible { outline: 3px solid var(--ink); background: #fd0; color: var(--ink); }
.criticism { margin-top: 1.5rem; padding: 1.25rem 1.5rem; border: 3px solid; border-left-width: 12px; }
.criticism.some { border-color: #d4351c; background: #fdf3f1; } .criticism.some h2 { color: var(--red); font-size: 1.75rem; }
.criticism.none { border-color: #00703c; background: #f3f9f5; } .criticism.none h2 { color: #005a30; }
.criticism p:last-child { margin-bottom: 0; }
.tiles { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); }
.tiles li { padding: .9rem 1rem 1rem; border-top: 6px solid var(--line); background: #f5f6f7; }
.tiles b { display: block; font-size: 2.25rem; line-height: 1.1; } .tiles span { display: block; font-weight: bold; }
.tiles small { color: var(--grey); font-size: .9375rem; }
.tiles .down { border-color: #b5430b; } .tiles .up { border-color: var(--blue); } .tiles .may { border-color: #6f72af; }
.tiles .other { border-color: #505a5f; } .tiles .same { border-color: #00703c; }
figure { margin: 1.5rem 0; } figcaption h3 { margin: 0; } figcaption p { margin: 0 0 .25rem; color: var(--grey); }
svg { display: block; width: 100%; max-width: 46rem; height: auto; font: 12px Arial, Helvetica, sans-serif; }
svg text { fill: var(--ink); paint-order: stroke; stroke: #fff; stroke-width: 3px; }
svg .tick, svg .count { fill: var(--grey); font-size: 11px; }
svg .row { font-size: 14px; } svg .axis { stroke: var(--grey); stroke-width: 1; }
svg .down { fill: #b5430b; } svg .up { fill: var(--blue); }
svg rect.named { fill: #5694ca; } svg rect.faint { fill: #e3e5e6; stroke: #7b8286; stroke-width: .75; }
svg line.old { stroke: var(--grey); stroke-width: 2; stroke-dasharray: 5 4; } svg text.old { fill: var(--grey); }
svg line.new { stroke: #b5430b; stroke-width: 2; } svg text.new { fill: #943806; font-weight: bold; }
svg line.both { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 2 3; }
.key { color: var(--grey); font-size: .9375rem; }
.swatch { display: inline-block; width: 1.1em; height: .8em; margin-left: .9em; }
.key .swatch:first-child { margin-left: 0; } .swatch.named { background: #5694ca; }
.swatch.faint { background: #e3e5e6; border: 1px solid #7b8286; }
.swatch.old { height: 0; border-top: 2px dashed #505a5f; vertical-align: middle; }
.swatch.new { height: 0; border-top: 3px solid #b5430b; vertical-align: middle; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9375rem; } .narrow { width: auto; }
th, td { padding: .5rem .6rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--ink); }
th:first-child { text-align: left; font-weight: normal; }
thead th:first-child { font-weight: bold; } td.zero { color: #6f777b; }
.moves { width: auto; } .moves td { min-width: 5rem; } .moves .same { background: #eef0f1; } .moves .sum { color: var(--grey); }
.moves .harder { color: #943806; } .moves .milder { color: #144e81; }
.tag { padding: 0 .4em; background: #d2e2f1; color: #0c2d4a; font-size: .8125rem; font-weight: bold; }
.tag.gone { background: #eeefef; color: #383f43; }
.warning { padding: .75rem 1rem; border-left: 8px solid var(--ink); background: #f5f6f7; }
details { margin: .4rem 0; } summary { cursor: pointer; color: #144e81; padding: .15rem 0; }
summary:hover { text-decoration: underline; }
details[open] { padding-bottom: .75rem; border-left: 4px solid var(--line); padding-left: 1rem; }
blockquote { margin: .5rem 0 .75rem; padding: .75rem 1rem; background: #f5f6f7; white-space: pre-wrap; max-width: 46rem; }
mark { background: #ffe08a; color: var(--ink); border-bottom: 2px solid #8a5a00; }
dl { margin: 0; display: grid; grid-template-columns: minmax(4rem, max-content) 1fr; gap: .25rem 1rem; font-size: .9375rem; }
dt { font-weight: bold; max-width: 14rem; } dd { margin: 0; } dd span { color: var(--grey); }
code { font-size: .8125rem; overflow-wrap: anywhere; } .made { margin-top: 1rem; color: var(--grey); }
@media (max-width: 40rem) { h1 { font-size: 1.75rem; } .tiles { grid-template-columns: 1fr 1fr; gap: .5rem; }
  dl { display: block; }
  .tiles b { font-size: 1.75rem; } .criticism { padding: 1rem; }
  svg { font-size: 14px; } svg .tick, svg .count { font-size: 13px; } }
@media print { body { font-size: 10pt; } .skip { display: none; } main { max-width: none; padding: 0; }
  section { margin-top: 1.5rem; }
  figure, tr, .tiles li, .criticism { break-inside: avoid; } h2, h3, h4 { break-after: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
""".strip()
