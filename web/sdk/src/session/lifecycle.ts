// What a page lives through beside its call: networks that come and go, freezing, the cache for going back, its end.

import type {PageEvent} from '../core/signals.ts'
import type {Holdings} from './holdings.ts'

/**
 * Tell the worker and have what a return needs stored, until the holdings are released.
 *
 * @param window hears of networks and of the page's end.
 * @param document hears of freezing, and of going out of sight: the last that a phone's page may hear.
 */
export function watchLife(
  holdings: Holdings,
  {window, document}: {readonly window: EventTarget; readonly document: EventTarget},
  send: (event: PageEvent) => void,
  store: () => void,
): void {
  holdings.listen(window, ['online', 'offline'], ({type}) => send({kind: type as 'online' | 'offline'}))
  holdings.listen(document, ['freeze'], () => send({kind: 'freeze'}))
  holdings.listen(document, ['resume'], () => send({kind: 'thaw'}))
  holdings.listen(document, ['visibilitychange'], store)
  holdings.listen(window, ['pagehide', 'pageshow'], (event) => {
    const isHiding = event.type === 'pagehide'
    if (isHiding) store()
    if ((event as PageTransitionEvent).persisted) send({kind: isHiding ? 'freeze' : 'thaw'})
  })
}
