// Style sheets as objects: a policy of `style-src 'self'` lets them in, where it keeps a <style> out.

/**
 * A sheet of this text, to be adopted by every widget of a page.
 *
 * A page may have changed what a `rem` is; here it is what the reader's browser says it is.
 *
 * @param media where it holds; everywhere by default.
 */
export function sheet(text: string, media = ''): CSSStyleSheet {
  const made = new CSSStyleSheet({media})
  made.replaceSync(ownSizes(text))
  return made
}

/** In sizes of the reader's own. Conditions of at-rules stay as they are: a property means nothing to them. */
export function ownSizes(text: string): string {
  return text.replace(/@[^{]+\{|([\d.]+)rem/g, (found, size) => (size ? `calc(${size}*var(--rem))` : found))
}

export function adopt(root: ShadowRoot, sheets: readonly CSSStyleSheet[]): void {
  root.adoptedStyleSheets = [...sheets]
}
