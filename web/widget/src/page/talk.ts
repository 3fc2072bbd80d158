// Our own pages, `talk.js`: what the widget cannot know of the frame it stands in. A frame of ours tells the page around
// it when it is ready, opened or on another screen, and does what that page asks, if it is one of those that may frame it.

import type {VivaVoce} from '../public.ts'
import {heard, told} from './frame.ts'

const element = document.querySelector<VivaVoce>('viva-voce')
const isFramed = window.parent !== window

/** Nothing of it is private: the name of what happened, and which screen is shown. */
function tell(kind: string, more: object = {}): void {
  if (isFramed) window.parent.postMessage(told(kind, more), '*')
}

if (element !== null) {
  element.addEventListener('viva-open', () => tell('open'))
  element.addEventListener('viva-screen', ({detail}: CustomEventInit<{readonly screen: string}>) =>
    tell('screen', {screen: detail?.screen ?? ''}),
  )
  const origins = (element.dataset['origins'] ?? '').split(' ')
  window.addEventListener('message', ({source, origin, data}) => {
    if (!isFramed || source !== window.parent || !origins.includes(origin)) return
    switch (heard(data)) {
      case 'open':
        return void element.open()
      case 'close':
        return element.close()
      case 'end':
        return element.call?.leave()
    }
  })
  new ResizeObserver(() => tell('resize', {height: document.documentElement.scrollHeight})).observe(document.body)
  tell('ready')
}
