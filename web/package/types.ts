// `vivavoce/types`: types alone, for code that is handed a call or a view.

export type {CallerMessage, GatewayMessage} from '../sdk/src/core/protocol.ts'
export type {CallOptions, Device, Health, Loudness, Mode, Suppressor, View, VoiceCall} from '../sdk/src/index.ts'
export type {Card} from '../widget/src/card.ts'
export type {Shape, VivaVoce} from '../widget/src/public.ts'
