// What is not needed until somebody talks, or until something else than talking is wanted: facts and their editors,
// sheets, the end, troubles, the kiosk. A file of its own, loaded at the first need of it.

import exhibits from './looks/exhibits.css'
import facts from './looks/facts.css'
import permission from './looks/permission.css'
import sheets from './looks/sheets.css'

export {asking} from './parts/asking.ts'
export {devices} from './parts/devices.ts'
export {eraseSheet} from './parts/erase.ts'
export {exhibits} from './parts/exhibits.ts'
export {facts} from './parts/facts.ts'
export {languages, menu} from './parts/menu.ts'
export {over} from './parts/over.ts'
export {transcript} from './parts/transcript.ts'
export {ended} from './screens/ended.ts'
export {attract, idle} from './screens/kiosk.ts'
export {permission, recovery, wantsPermission} from './screens/permission.ts'
export {noCard, trouble} from './screens/trouble.ts'

export const looks: readonly string[] = [sheets, facts, permission, exhibits]
