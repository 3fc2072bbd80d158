// Pictures of where a browser keeps the leave for a microphone. `viva-help.js`: loaded when somebody needs them.
// Drawn with the widget's own `svg`, so that lit is there once. Colours are in `permission.css`.

import type {SVGTemplateResult, svg as Svg} from 'lit/html.js'
import type {Way} from './browser.ts'

type Draw = (svg: typeof Svg) => SVGTemplateResult

const microphone = (svg: typeof Svg) =>
  svg`<g class="ink"><rect x="-2.5" y="-7" width="5" height="8.5" rx="2.5"/><path d="M-5-1a5 5 0 0 0 10 0M0 4v3"/></g>`

/** A window with a bar for the address; `sign` is drawn at the start of the bar, and marked. */
const desktop =
  (sign: Draw, below: Draw = (svg) => svg``): Draw =>
  (svg) =>
    svg`
    <rect class="frame" x="4" y="4" width="232" height="112" rx="8"/>
    <path class="line" d="M4 40h232"/>
    <circle class="dot" cx="16" cy="15" r="2.5"/><circle class="dot" cx="25" cy="15" r="2.5"/><circle class="dot" cx="34" cy="15" r="2.5"/>
    <rect class="bar" x="40" y="21" width="184" height="14" rx="7"/>
    <path class="words" d="M66 28h70"/>
    <g transform="translate(51 28)">${sign(svg)}</g>
    ${below(svg)}`

/** A little panel that hangs from the bar, with one line for the microphone. */
const panel =
  (end: Draw): Draw =>
  (svg) =>
    svg`
    <rect class="leaf" x="42" y="42" width="128" height="62" rx="6"/>
    <path class="words" d="M54 56h60"/><path class="line" d="M42 68h128"/>
    <g transform="translate(60 86) scale(.9)">${microphone(svg)}</g>
    <path class="words" d="M74 86h36"/>
    <g transform="translate(144 86)">${end(svg)}</g>`

const phone =
  (bar: Draw, below: Draw = (svg) => svg``): Draw =>
  (svg) =>
    svg`
    <rect class="frame" x="60" y="4" width="120" height="132" rx="12"/>
    <rect class="bar" x="70" y="14" width="100" height="16" rx="8"/>
    <path class="words" d="M98 22h44"/>
    ${bar(svg)}${below(svg)}`

const mark: Draw = (svg) => svg`<circle class="spot" r="9.5"/>`
const sliders: Draw = (svg) =>
  svg`<path class="ink" d="M-5-2.5h4M3-2.5h2M-5 2.5h1M0 2.5h5"/><circle class="ink" cx="1" cy="-2.5" r="1.7"/><circle class="ink" cx="-2" cy="2.5" r="1.7"/>${mark(svg)}`
const lock: Draw = (svg) =>
  svg`<rect class="ink" x="-4" y="-1" width="8" height="5.5" rx="1"/><path class="ink" d="M-2.5-1v-1.5a2.5 2.5 0 0 1 5 0V-1"/>${mark(svg)}`
const crossed: Draw = (svg) =>
  svg`<g transform="scale(.75)">${microphone(svg)}</g><path class="bad" d="M-5-5L5 5"/>${mark(svg)}`
const toggle: Draw = (svg) =>
  svg`<rect class="on" x="-10" y="-6" width="20" height="12" rx="6"/><circle class="knob" cx="4" r="4"/><rect class="spot" x="-14" y="-10" width="28" height="20" rx="10"/>`
const choice: Draw = (svg) =>
  svg`<rect class="bar" x="-16" y="-7" width="32" height="14" rx="3"/><path class="good" d="M-8 0l3 3 6-6"/><path class="ink" d="M8-1.5l2.5 2.5L13-1.5"/><rect class="spot" x="-20" y="-11" width="40" height="22" rx="5"/>`
const blocked: Draw = (svg) =>
  svg`<path class="words" d="M-22 0h20"/><path class="bad" d="M8-3l6 6M14-3l-6 6"/><circle class="spot" cx="11" r="9.5"/>`
const pageSign: Draw = (svg) =>
  svg`<g transform="translate(81 22)"><rect class="ink" x="-4" y="-4" width="8" height="5" rx="1"/><path class="ink" d="M-4 4h8"/>${mark(svg)}</g>`
const listBelow: Draw = (svg) => svg`
  <rect class="leaf" x="70" y="36" width="92" height="92" rx="8"/>
  <path class="words" d="M82 50h50M82 66h58M82 82h42"/><path class="line" d="M70 96h92"/>
  <g class="dots"><circle cx="86" cy="112" r="2"/><circle cx="93" cy="112" r="2"/><circle cx="100" cy="112" r="2"/></g>
  <circle class="spot" cx="93" cy="112" r="12"/>`
const row =
  (end: Draw): Draw =>
  (svg) =>
    svg`
    <rect class="leaf" x="68" y="46" width="104" height="56" rx="8"/>
    <path class="words" d="M80 60h46"/><path class="line" d="M68 72h104"/>
    <g transform="translate(84 87) scale(.9)">${microphone(svg)}</g>
    <g transform="translate(146 87)">${end(svg)}</g>`
const menuBar: Draw = (svg) => svg`
  <rect class="frame" x="4" y="4" width="232" height="112" rx="8"/>
  <path class="line" d="M4 26h232"/><circle class="dot" cx="18" cy="15" r="4"/>
  <path class="words strong" d="M34 15h26"/><path class="words" d="M76 15h18M106 15h22M140 15h16"/>
  <rect class="spot" x="28" y="7" width="38" height="16" rx="5"/>
  <rect class="leaf" x="28" y="28" width="110" height="76" rx="6"/>
  <path class="words" d="M40 42h52M40 58h40M40 90h46"/><path class="words strong" d="M40 74h76"/>
  <rect class="spot" x="33" y="66" width="100" height="16" rx="5"/>`

const PICTURES: {readonly [way in Way]?: readonly Draw[]} = {
  chrome: [desktop(sliders), desktop(sliders, panel(toggle))],
  edge: [desktop(lock), desktop(lock, panel(choice))],
  firefox: [desktop(crossed), desktop(crossed, panel(blocked))],
  safari: [menuBar, desktop((svg) => svg``, panel(choice))],
  iphone: [phone(pageSign, listBelow), phone((svg) => svg``, row(choice))],
  android: [
    phone((svg) => svg`<g transform="translate(81 22)">${sliders(svg)}</g>`),
    phone((svg) => svg``, row(toggle)),
  ],
}

const PHONE = '56 0 128 140'
const WINDOW = '0 0 240 120'
/** Of a window in which nothing but the bar counts. */
const TOP = '0 0 240 60'

/** To the step of this number, from 0; null where words must do. */
export function picture(svg: typeof Svg, way: Way, step: number): SVGTemplateResult | null {
  const draw = PICTURES[way]?.[step]
  if (draw === undefined) return null
  const isPhone = way === 'iphone' || way === 'android'
  const box = isPhone ? PHONE : step === 0 && way !== 'safari' ? TOP : WINDOW
  return svg`<svg class="picture" viewBox=${box} aria-hidden="true">${draw(svg)}</svg>`
}
