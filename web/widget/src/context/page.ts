// The page around an element, as far as it may be told. `data-private` says no: on <html> to everything, on <title> to
// the title, on the element or around it to what its attributes pass in.

import type {Page} from './seen.ts'

/** @param url of the page, if it is not the element's own: a frame of ours stands in another page. */
export function pageOf(element: Element, url: string = element.ownerDocument.location.href): Page {
  const {documentElement, title} = element.ownerDocument
  if (isPrivate(documentElement)) return {url: '', title: '', lang: '', attributes: []}
  return {
    url,
    title: isPrivate(element.ownerDocument.querySelector('title')) ? '' : title,
    lang: langAround(element),
    attributes: isPrivate(element) ? [] : [...element.attributes].map(({name, value}) => [name, value] as const),
  }
}

/** What the page says of its language nearest to the element; "" when it says nothing. */
function langAround(element: Element): string {
  return around(element, '[lang]')?.getAttribute('lang') ?? ''
}

function isPrivate(element: Element | null): boolean {
  return element !== null && (element.matches('[data-private]') || around(element, '[data-private]') !== null)
}

/** The nearest such element above this one, shadow roots or not. */
function around(element: Element, selector: string): Element | null {
  const found = element.parentElement?.closest(selector)
  if (found) return found
  const root = element.getRootNode()
  if (!(root instanceof ShadowRoot)) return null
  return root.host.matches(selector) ? root.host : around(root.host, selector)
}
