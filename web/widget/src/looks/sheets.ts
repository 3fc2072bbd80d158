// Style sheets as objects: a policy of `style-src 'self'` lets them in, where it keeps a <style> out.

/** A sheet of this text; the same one for every widget of a page. */
export function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet()
  made.replaceSync(text)
  return made
}
