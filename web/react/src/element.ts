// `<viva-voce>` as a component: its attributes by props, its events by handlers.

import {
  type CSSProperties,
  createElement,
  type ReactElement,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
} from 'react'
import {define} from '../../package/widget.ts'
import type {View} from '../../sdk/src/index.ts'
import type {VivaVoce as Element, Shape} from '../../widget/src/public.ts'

export type VivaVoceElement = Element

export interface VivaVoceProps {
  readonly agent?: string
  /** The origin that serves the talk; by default the page's own. */
  readonly server?: string
  readonly shape?: Shape
  /** BCP 47; by default what the page around it says. */
  readonly lang?: string
  readonly theme?: 'auto' | 'light' | 'dark'
  /** What stands on the bubble. */
  readonly label?: string
  readonly ticket?: string
  readonly open?: boolean
  /** What the agent may know of the page: sent as `data.NAME`, if the agent's file lists it. */
  readonly context?: {readonly [name: string]: string}
  readonly className?: string
  readonly style?: CSSProperties
  readonly ref?: Ref<VivaVoceElement>
  readonly onOpen?: () => void
  readonly onClose?: () => void
  readonly onScreen?: (screen: View['screen']) => void
  readonly onFact?: (fact: {readonly field: string; readonly state: string}) => void
  readonly onEnded?: (reason: string) => void
}

type Handler = 'onOpen' | 'onClose' | 'onScreen' | 'onFact' | 'onEnded'
type Handlers = {readonly [name in Handler]: VivaVoceProps[name]}
type Attributes = {readonly [name: string]: string}

/** Needs no care of the caller's: handlers may be written in place, and nothing is drawn again for what is said. */
export function VivaVoce(props: VivaVoceProps): ReactElement {
  const {className, style, ref, onOpen, onClose, onScreen, onFact, onEnded, ...said} = props
  const element = useRef<VivaVoceElement>(null)
  const handlers = useRef<Handlers>(null)
  const written = useRef<Attributes>({})
  useImperativeHandle<VivaVoceElement | null, VivaVoceElement | null>(ref, () => element.current, [])

  // without lists of what they depend on: each is cheaper than to compare what a page writes in place
  useEffect(() => {
    handlers.current = {onOpen, onClose, onScreen, onFact, onEnded}
    if (element.current === null) return
    const attributes = attributesOf(said)
    write(element.current, written.current, attributes)
    written.current = attributes
  })
  useEffect(() => {
    define() // once attributes are said: it reads them when it begins
    return element.current === null ? undefined : listen(element.current, handlers)
  }, [])
  return createElement('viva-voce', {ref: element, class: className, style})
}

function attributesOf({
  context,
  open,
  ...said
}: Omit<VivaVoceProps, Handler | 'ref' | 'className' | 'style'>): Attributes {
  const named = Object.entries({...said, ...(open && {open: ''})})
  const passed = Object.entries(context ?? {}).map(([name, value]) => [`context-${name}`, value] as const)
  return Object.fromEntries([...named, ...passed].filter(([, value]) => value !== undefined))
}

/**
 * React would set as properties what an element has; here all of it is attributes. Only what is said anew is written:
 * what a visitor has closed stays closed.
 */
function write(element: VivaVoceElement, before: Attributes, after: Attributes): void {
  for (const name of Object.keys(before)) if (!(name in after)) element.removeAttribute(name)
  for (const [name, value] of Object.entries(after)) if (before[name] !== value) element.setAttribute(name, value)
}

function listen(element: VivaVoceElement, handlers: {readonly current: Handlers | null}): () => void {
  const heard: {readonly [event: string]: (detail: never) => void} = {
    'viva-open': () => handlers.current?.onOpen?.(),
    'viva-close': () => handlers.current?.onClose?.(),
    'viva-screen': ({screen}: {screen: View['screen']}) => handlers.current?.onScreen?.(screen),
    'viva-fact': (fact: {field: string; state: string}) => handlers.current?.onFact?.(fact),
    'viva-ended': ({reason}: {reason: string}) => handlers.current?.onEnded?.(reason),
  }
  const stop = new AbortController()
  for (const [event, tell] of Object.entries(heard)) {
    element.addEventListener(event, (told) => tell((told as CustomEvent<never>).detail), {signal: stop.signal})
  }
  return () => stop.abort()
}
