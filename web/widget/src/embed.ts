// The loader, `embed.js`: a classic script, because a page may put it anywhere.

import {define} from './element.ts'

// a script of another origin has no address of its own to import from: it is named
const src = (document.currentScript as HTMLScriptElement | null)?.src || location.href

// browsers remember that a module did not come: the next try has another address, a sign longer
let again = ''

try {
  define({
    server: new URL('..', src).href,
    assets: new URL('.', src).href,
    load: (assets) =>
      import(/* @vite-ignore */ /* webpackIgnore: true */ `${assets}viva-widget.js${again}`).catch((error: unknown) => {
        again += '?'
        throw error
      }),
  })
} catch {
  // a page that has taken this away goes on as if we were not there
}
