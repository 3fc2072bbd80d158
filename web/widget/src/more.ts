// All but the start screen: the talk, facts and their editors, sheets, the end, troubles, the kiosk. A file of its own,
// asked for as soon as the start screen stands there, so that it has come when somebody begins.

import controls from './looks/controls.css'
import exhibits from './looks/exhibits.css'
import facts from './looks/facts.css'
import permission from './looks/permission.css'
import sheets from './looks/sheets.css'
import talk from './looks/talk.css'

export {watchIdle} from './idle.ts'
export {attract} from './screens/kiosk.ts'
export {above, room} from './screens/rooms.ts'
export {english} from './words/en.ts'

export const looks: readonly string[] = [sheets, talk, controls, facts, permission, exhibits]
