// `vivavoce/widget`: the element without its script. Importing it does nothing.

import {define as make} from '../widget/src/element.ts'

export type {VivaVoce} from '../widget/src/public.ts'

/**
 * Makes `<viva-voce>` known, once. The widget itself is loaded at the first tap, as a part of your bundle.
 *
 * @param server the origin that serves talks, where an element does not name another; the page's own by default.
 */
export function define(server: string = location.origin): void {
  make({server, load: () => import('../widget/src/widget.ts')})
}
