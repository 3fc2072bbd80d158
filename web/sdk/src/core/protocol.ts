// The caller protocol, version 1. Made by `make docs` from vivavoce.wire.caller; edit that.

export const VERSION = 1
export const SUBPROTOCOL = 'vivavoce.v1'
export const TICKET_PREFIX = 'ticket.'
export const CALLER_HZ = 16_000
export const REPLY_HZ = 24_000
export const HEADER_BYTES = 16
export const MAX_TYPED_CHARS = 4_000
export const MAX_CONTEXT = 24
export const MAX_CONTEXT_NAME_CHARS = 64
export const MAX_CONTEXT_CHARS = 500
export const MAX_MIC_SAMPLES = 3_200
export const MIN_MIC_SAMPLES = 160
export const MAX_LEVELS = 100
export const MAX_FAULTS = 64
export const MAX_FRAME_BYTES = 1_048_576

/**
 * The kind of an audio frame. A header holds, little-endian: version u8, kind u8, speaker u16, reply u32, position u64.
 */
export const FRAME_MIC = 1
export const FRAME_REPLY = 2

// Close codes of ours; the rest are WebSocket's.

export const CLOSE_NORMAL = 1000
export const CLOSE_GOING_AWAY = 1001
export const CLOSE_TOO_BIG = 1009
/** Too many messages outside the protocol. */
export const CLOSE_PROTOCOL = 4400
/** No ticket, or one that is unknown, used or expired. */
export const CLOSE_NOT_AUTHORISED = 4401
/** Nothing sensible came in time. */
export const CLOSE_NO_HELLO = 4408
/** The call goes on at another server: come back at once, with the secret. */
export const CLOSE_MOVED = 4412
/** As many calls as this server takes are running; try again later. */
export const CLOSE_BUSY = 4413
/** The caller has come back by another socket; this one is not needed any more. */
export const CLOSE_REPLACED = 4409
/**
 * The call goes on over another socket of its caller, and this server lets no second one have it. Their ticket to come
 * back with stays good.
 */
export const CLOSE_ELSEWHERE = 4423
/** The caller's machine does not read; its queue stayed full. */
export const CLOSE_SLOW_PEER = 4429
/** Our fault; the call was saved as far as it went. */
export const CLOSE_FAILED = 4500

// From the caller's machine. What is left out has the gateway's default.

/** First message. Everything else before it is refused. */
export type Hello = {
  readonly kind: 'hello'
  readonly mode?: 'voice' | 'text'
  /** The caller's machine removes the agent's voice from the microphone (browser echo cancellation, headphones). */
  readonly echo_cancelled?: boolean
  readonly lang?: string
  readonly client?: string
  /** How long a pause may be; empty for what was booked. */
  readonly pace?: '' | 'interview' | 'casual'
  /**
   * What the page around the call tells of itself, by name ("page.url"); the agent file says which names are taken.
   * What is longer than we take is cut, not refused: a page with a long title is no reason to have no call.
   */
  readonly context?: {readonly [name: string]: string}
  /** For who comes back: the newest reply of which anything was heard, and how many samples of it (24 kHz). */
  readonly reply?: number
  readonly samples?: number
}

/** `samples` of a reply (24 kHz) have been heard when the microphone clock stood at `at` (16 kHz). */
export type Played = {
  readonly kind: 'played'
  readonly reply: number
  readonly samples: number
  readonly at: number
}

export type Typed = {
  readonly kind: 'typed'
  readonly text: string
  readonly number?: number
}

/** The caller sets a fact by hand. */
export type Correct = {
  readonly kind: 'correct'
  readonly field: string
  readonly value: unknown
  readonly number?: number
}

export type Mode = {
  readonly kind: 'mode'
  readonly mode: 'voice' | 'text'
}

/** How long a pause may be from now on: the caller takes their time, or does not. */
export type Pace = {
  readonly kind: 'pace'
  readonly pace: 'interview' | 'casual'
}

/** The caller says that their turn is over, so that no pause has to say it. Silence while nobody speaks. */
export type Done = {
  readonly kind: 'done'
}

/** The caller's decision on recording, with the version and the language of the text they saw. */
export type Consent = {
  readonly kind: 'consent'
  readonly decision: 'given' | 'refused' | 'withdrawn'
  readonly text_version?: string
  readonly lang?: string
  readonly number?: number
}

/**
 * The caller's machine hears somebody over the agent and has held the reply by itself; the gateway decides what
 * follows: `hold`, `cut` or `resume`.
 */
export type Doubt = {
  readonly kind: 'doubt'
  readonly reply: number
  readonly at: number
  readonly level?: number
}

/**
 * What the caller's machine measured around the speech gate, so that every call's gate can be examined. `mic` and `far`
 * are levels in dBFS (-120 for digital silence) of what was heard and what was being played, one value for each `step`
 * samples of the microphone clock from `at` on.
 */
export type Levels = {
  readonly kind: 'levels'
  readonly at: number
  readonly step: number
  readonly mic: readonly number[]
  readonly far?: readonly number[]
  /** Estimated: how much weaker the agent is in the microphone than in the loudspeaker; None while unknown. */
  readonly return_loss_db?: number | null
  /** Estimated: from what is played to what is heard of it. */
  readonly delay_ms?: number | null
  readonly noise_dbfs?: number | null
}

/** How well the caller's machine keeps the agent out of the microphone has changed; the gate follows. */
export type Echo = {
  readonly kind: 'echo'
  /** good: both may talk; poor: much of the agent comes back; raw: nothing is cancelled by the caller's machine. */
  readonly state: 'good' | 'poor' | 'raw'
}

/** Something that disturbs the sound, seen on the caller's machine. */
export type Fault = {
  readonly what:
    | 'underrun'
    | 'gap'
    | 'long_task'
    | 'stall'
    | 'late_frame'
    | 'network_gap'
    | 'mic_dropped'
    | 'suspended'
    | 'device'
    | 'hidden'
  /** Microphone clock (16 kHz) where it began. */
  readonly at: number
  readonly ms?: number
  readonly count?: number
}

/** Faults since the last report, at most once a second and only when there are any. */
export type Health = {
  readonly kind: 'health'
  readonly faults: readonly Fault[]
}

/** The caller hangs up. */
export type Leave = {
  readonly kind: 'leave'
}

export type CallerMessage =
  | Hello
  | Played
  | Typed
  | Correct
  | Mode
  | Pace
  | Done
  | Consent
  | Doubt
  | Levels
  | Echo
  | Health
  | Leave

// From the gateway. What a message left out is filled in when it is decoded.

export type SpeakerInfo = {
  readonly id: string
  readonly name: string
  readonly role: string
}

export type FieldInfo = {
  readonly id: string
  readonly objective: string
  readonly type: string
  readonly required: boolean
}

/** Answer to `hello`. The index in `speakers` plus 1 is the speaker number of frames. */
export type Welcome = {
  readonly kind: 'welcome'
  readonly call: string
  readonly version: number
  readonly title: string
  readonly speakers: readonly SpeakerInfo[]
  readonly fields: readonly FieldInfo[]
  /**
   * About recording: "ask" (answer with `Consent`), "always" (told, not asked) or "never"; for who comes back, what
   * they have decided: "given", "refused" or "withdrawn".
   */
  readonly consent: string
  /**
   * A ticket to come back to this very call with, once, when the socket is lost. A secret; each welcome has another.
   */
  readonly resume: string
  /** The caller came back: the call goes on, what was not heard follows. */
  readonly returned: boolean
  /** Where the microphone clock stands: a machine that has lost its own goes on from here. */
  readonly at: number
  /** To where on that clock the caller has been heard: what their machine still has of later sound is sent again. */
  readonly heard: number
  /** Number of the newest of what the caller typed, set or decided that was taken: what is newer is sent again. */
  readonly taken: number
  /** How long the call waits for a caller whose socket is lost; 0 from servers that do not tell. */
  readonly return_within_s: number
  /** The pace in force, so that a screen shows what it can change; empty from servers that do not tell. */
  readonly pace: '' | 'interview' | 'casual'
  /**
   * Leave to have this call erased, also after it has ended (`POST /api/v1/erasures`). A secret. Empty where nothing
   * can be erased by the caller.
   */
  readonly erase: string
}

/** Who has the floor. `holder` is "caller", a speaker id, or "" for nobody. */
export type Floor = {
  readonly kind: 'floor'
  readonly turn: 'open' | 'caller' | 'waiting' | 'agent' | 'held'
  readonly holder: string
}

/** Words to read. `who` is "caller" or a speaker id; a caption with the same `turn` replaces the one before. */
export type Caption = {
  readonly kind: 'caption'
  readonly who: string
  readonly turn: number
  readonly text: string
  readonly final: boolean
}

/** Freeze the reply: silence now, keep what is queued. */
export type Hold = {
  readonly kind: 'hold'
  readonly reply: number
}

/** It was nothing: go on with the held reply. */
export type Resume = {
  readonly kind: 'resume'
  readonly reply: number
}

/** Throw away the reply and all before it, and every later frame that carries such a number. */
export type Cut = {
  readonly kind: 'cut'
  readonly reply: number
}

/** The reply has this many samples in all; when they are played, it was heard. */
export type ReplyDone = {
  readonly kind: 'reply_done'
  readonly reply: number
  readonly samples: number
}

export type Fact = {
  readonly kind: 'fact'
  readonly field: string
  readonly state: string
  readonly value: unknown
  /** Turn, start and end in ms of the call. */
  readonly evidence: readonly (readonly [number, number, number])[]
}

/** Something to look at: `what` names its sort ("table", "calculator", "link", "text" ...). */
export type Show = {
  readonly kind: 'show'
  readonly what: string
  readonly title: string
  readonly data: unknown
}

/** The speech gate changed. `level` is the RMS of the frame that did it, 0..1. */
export type Gate = {
  readonly kind: 'gate'
  readonly open: boolean
  readonly level: number
}

/** Something the caller should know, in words they can act on; `code` is for programs. */
export type Notice = {
  readonly kind: 'notice'
  readonly code: string
  readonly text: string
  readonly action: string
}

/**
 * Nothing else was said for some seconds; the line holds. Browsers hide the pings of a socket from their pages, so this
 * is how a caller's machine knows a line that is dead though nobody closed it.
 */
export type Pulse = {
  readonly kind: 'pulse'
}

/** Last message of a call. */
export type Ended = {
  readonly kind: 'ended'
  readonly reason: string
  readonly text: string
}

export type GatewayMessage =
  | Welcome
  | Floor
  | Caption
  | Hold
  | Resume
  | Cut
  | ReplyDone
  | Fact
  | Show
  | Gate
  | Notice
  | Pulse
  | Ended

/** What a field of a message must be. `whole` is a number without a fraction. */
export type Shape =
  | 'text'
  | 'number'
  | 'whole'
  | 'flag'
  | 'any'
  | {readonly oneOf: readonly string[]}
  | {readonly list: Shape}
  | {readonly tuple: readonly Shape[]}
  | {readonly fields: Fields}
/** A field without a default must be there. */
export type Fields = {readonly [name: string]: readonly [shape: Shape] | readonly [shape: Shape, byDefault: unknown]}

/** The gateway's messages by their `kind`. */
export const GATEWAY: {readonly [Kind in GatewayMessage['kind']]: Fields} = {
  welcome: {
    call: ['text'],
    version: ['whole', 1],
    title: ['text', ''],
    speakers: [{list: {fields: {id: ['text'], name: ['text'], role: ['text', '']}}}, []],
    fields: [{list: {fields: {id: ['text'], objective: ['text'], type: ['text'], required: ['flag', false]}}}, []],
    consent: ['text', ''],
    resume: ['text', ''],
    returned: ['flag', false],
    at: ['whole', 0],
    heard: ['whole', 0],
    taken: ['whole', 0],
    return_within_s: ['number', 0.0],
    pace: [{oneOf: ['', 'interview', 'casual']}, ''],
    erase: ['text', ''],
  },
  floor: {turn: [{oneOf: ['open', 'caller', 'waiting', 'agent', 'held']}], holder: ['text', '']},
  caption: {who: ['text'], turn: ['whole'], text: ['text'], final: ['flag', false]},
  hold: {reply: ['whole']},
  resume: {reply: ['whole']},
  cut: {reply: ['whole']},
  reply_done: {reply: ['whole'], samples: ['whole']},
  fact: {
    field: ['text'],
    state: ['text'],
    value: ['any', null],
    evidence: [{list: {tuple: ['whole', 'whole', 'whole']}}, []],
  },
  show: {what: ['text'], title: ['text', ''], data: ['any', null]},
  gate: {open: ['flag'], level: ['number']},
  notice: {code: ['text'], text: ['text'], action: ['text', '']},
  pulse: {},
  ended: {reason: ['text'], text: ['text', '']},
}
