// `<viva-voce>`: what a page pays before the first tap. One button in a shadow root and one listener; no request, no
// storage, no timer. The tap fetches the widget and the agent's card, side by side.

import type {VoiceCall} from '../../sdk/src/index.ts'
import {cardAddress, pageAddress} from './addresses.ts'
import {STILL_BOX, STILL_PATH} from './face/still.ts'
import look from './looks/bubble.css'
import {adopt, sheet} from './looks/sheets.ts'
import type {VivaVoce} from './public.ts'
import type {Mounted, mount} from './widget.ts'

export type {VivaVoce} from './public.ts'

export interface Loading {
  /** The origin that serves talks, where the element does not name another. */
  readonly server: string
  /** Where all code comes from, ending in a slash; where it is not given, from the server that the element names. A
   * script's element leaves it to its script: who may only write markup into a page must not choose code. */
  readonly assets?: string
  /** Gets the widget: everything after the tap. */
  load(assets: string): Promise<{readonly mount: typeof mount}>
}

// There is no language before the tap but the page's own: it names the button by `label`.
const NAME = 'Talk with us'
const FAILED = 'This could not be loaded. Try again'
const ELSEWHERE = 'Open it in a new tab'
let looks: CSSStyleSheet | undefined

/** Makes `<viva-voce>` known, once. Called twice, or where nothing can be made known, it does nothing. */
export function define({server, assets: own, load}: Loading): void {
  if (customElements.get('viva-voce')) return
  customElements.define(
    'viva-voce',
    class extends HTMLElement implements VivaVoce {
      static readonly observedAttributes = ['open', 'lang', 'theme', 'agent', 'label']
      #frame: HTMLElement | null = null
      #button: HTMLButtonElement | null = null
      #mounted: Mounted | null = null
      #isComing = false

      get call(): VoiceCall | null {
        return this.#mounted?.call ?? null
      }

      connectedCallback(): void {
        if (this.#frame) float(this, this.#frame)
        else
          try {
            this.#draw()
          } catch {
            // a page that has broken what this needs still has links
            ;(this.shadowRoot ?? this).replaceChildren(elsewhere(this, server, NAME))
          }
        if (this.hasAttribute('open') || !/^(|bubble|inline)$/.test(this.getAttribute('shape') ?? '')) void this.open()
      }

      disconnectedCallback(): void {
        // an element that is only moved comes back at once
        queueMicrotask(() => {
          if (this.isConnected) return
          this.#mounted?.unmount()
          this.#mounted = null
          this.#frame = null
        })
      }

      attributeChangedCallback(name: string): void {
        if (this.#frame === null) return
        if (name === 'label') this.#say()
        if (name === 'open' && this.hasAttribute('open')) void this.open()
        else this.#mounted?.changed(name)
      }

      toggle(): void {
        if (this.#mounted?.isOpen) this.close()
        else void this.open()
      }

      close(): void {
        this.#mounted?.close()
      }

      async open(): Promise<void> {
        if (this.#mounted) return this.#mounted.open()
        if (this.#isComing || this.#frame === null || this.#button === null) return
        this.#isComing = true
        this.#button.ariaBusy = 'true'
        const named = this.getAttribute('server') ?? ''
        // it becomes part of links, and markup may be somebody's who may run nothing here: `javascript:` is no server
        const from = (/^https?:\/\//.test(named) ? named : server).replace(/\/$/, '')
        const assets = own ?? `${from}/static/`
        try {
          const card = ask(this, from)
          const widget = await load(assets)
          this.#mounted = widget.mount({
            host: this,
            frame: this.#frame,
            button: this.#button,
            server: from,
            assets,
            card,
          })
          this.removeAttribute('data-failed')
          this.#frame.querySelector('a')?.remove()
          this.#say()
        } catch {
          this.#fail(from)
        }
        this.#button.ariaBusy = null
        this.#isComing = false
      }

      #draw(): void {
        const root = this.shadowRoot ?? this.attachShadow({mode: 'open'})
        looks ??= sheet(look)
        adopt(root, [looks])
        const frame = document.createElement('div')
        frame.className = 'viva'
        frame.dir = getComputedStyle(this).direction
        const button = document.createElement('button')
        button.className = 'bubble'
        button.setAttribute('part', 'bubble')
        button.append(face(), document.createElement('span'))
        button.onclick = () => this.toggle()
        frame.append(button)
        root.replaceChildren(frame)
        float(this, frame)
        this.#frame = frame
        this.#button = button
        this.#say()
      }

      /** Its name, and what can be read on it; by default the page's own. */
      #say(text: string = this.getAttribute('label') ?? ''): void {
        const words = this.#button?.lastElementChild
        if (words) words.textContent = text || (this.getAttribute('shape') === 'inline' ? NAME : '')
        if (this.#button) this.#button.ariaLabel = text || NAME
      }

      /** The button says so and tries again; the agent's own page stands beside it. */
      #fail(from: string): void {
        this.#say(FAILED)
        this.setAttribute('data-failed', '')
        this.#frame?.replaceChildren(...(this.#button ? [this.#button] : []), elsewhere(this, from, ELSEWHERE))
      }
    },
  )
}

/** To the agent's own page. */
function elsewhere(element: Element, server: string, text: string): Element {
  const link = document.createElement('a')
  link.href = pageAddress(server.replace(/\/$/, ''), element.getAttribute('agent'))
  link.target = '_blank'
  link.rel = 'noopener'
  link.textContent = text
  return link
}

/** The agent's card; asked for by name only. */
function ask(element: Element, server: string): Promise<Response> | null {
  const agent = element.getAttribute('agent')
  const pass = element.getAttribute('pass')
  if (!agent || element.hasAttribute('card')) return null
  const asked = fetch(cardAddress(server, agent, pass))
  asked.catch(() => undefined) // whoever waits for it is told
  return asked
}

/** Above everything of the page, whatever the page turns, clips or stacks. Browsers before 2024 stack it by number. */
function float(element: Element, frame: HTMLElement): void {
  if (!/^(|bubble)$/.test(element.getAttribute('shape') ?? '')) return
  frame.popover = 'manual'
  frame.showPopover?.()
}

function face(): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', STILL_BOX)
  svg.ariaHidden = 'true'
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', STILL_PATH)
  svg.append(path)
  return svg
}
