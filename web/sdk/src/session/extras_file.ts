// The file `viva-extras.js`; see `extras.ts`.
export {buildChain} from './chain.ts'
export {scriptProcessors} from './fallback.ts'
