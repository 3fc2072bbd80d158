// What a React page uses. Importing it does nothing, also where there is no page: pages are rendered on servers.

export type {CallOptions, View, VoiceCall} from '../../sdk/src/index.ts'
export {useCall} from './call.ts'
export {VivaVoce, type VivaVoceElement, type VivaVoceProps} from './element.ts'
export {useView} from './view.ts'
