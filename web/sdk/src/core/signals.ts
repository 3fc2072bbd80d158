// What the two machines of a call are told and what they answer. `line.ts` runs in the worker and takes `LineEvent`s;
// `view.ts` runs in the page and takes `ViewEvent`s, among them the `LineNews` that the worker passes on.
// Events are past tense or what the caller did; effects are imperatives. Moments (`now`, `wakeAt`) are seconds of any one
// clock that does not go back.

import type {CaptureToWorker, PlaybackToWorker, WorkerToCapture, WorkerToPlayback} from '../ports.ts'
import type {Consent, Echo, Fault, GatewayMessage, Hello, Pace} from './protocol.ts'

export type TalkMode = 'voice' | 'text'

/** Leave to open the socket of a call. */
export type Ticket = {
  /** A secret; never in a log, never in a URL. */
  readonly ticket: string
  /** Address of the socket, ws: or wss:. */
  readonly url: string
  /** How long the ticket holds; null when nobody said so (it is not exchanged for a fresh one then). */
  readonly expiresInS: number | null
}

/** What a page keeps (sessionStorage) to come back to its call after a reload. */
export type Keepsake = {
  readonly call: string
  /** The ticket to come back with; "" while there is none. A secret. */
  readonly resume: string
  /** The newest reply of which anything was heard, and how many samples of it (24 kHz). */
  readonly reply: number
  readonly samples: number
}

/** What was decided about recording, and which text was seen; its version and language are "" when nobody says so. */
export type Decided = {
  readonly decision: Consent['decision']
  readonly textVersion: string
  readonly lang: string
}

// --------------------------------------------------------------------------------------------------------- the line

/** What the page tells its line, through the worker. */
export type PageEvent =
  /** A ticket is there; the caller has not begun yet. It is exchanged for a fresh one before it expires. */
  | ({readonly kind: 'booked'} & Ticket)
  /** The caller begins (or comes back after a reload, with the keepsake's ticket booked and what was heard). */
  | {
      readonly kind: 'start'
      readonly hello: Omit<Hello, 'kind' | 'reply' | 'samples'>
      readonly heard?: Pick<Keepsake, 'reply' | 'samples'>
      /** 0..1, drawn once: spreads the attempts of many pages that lost the same server. */
      readonly chance: number
    }
  | {readonly kind: 'type'; readonly text: string}
  | {readonly kind: 'correct'; readonly field: string; readonly value: unknown}
  | {readonly kind: 'mode'; readonly mode: TalkMode}
  | {readonly kind: 'mute'; readonly on: boolean}
  | {readonly kind: 'half_duplex'; readonly on: boolean}
  /** How long a pause may be from now on. */
  | {readonly kind: 'pace'; readonly pace: Pace['pace']}
  /** The caller's turn is over. */
  | {readonly kind: 'done'}
  | ({readonly kind: 'consent'} & Decided)
  | {readonly kind: 'leave'}
  /** The browser's own events. */
  | {readonly kind: 'offline'}
  | {readonly kind: 'online'}
  | {readonly kind: 'freeze'}
  | {readonly kind: 'thaw'}
  /** Seen by the page: a long task, a hidden page, a suspended context. `at` is the newest position of the clock. */
  | {readonly kind: 'fault'; readonly what: Fault['what']; readonly ms: number; readonly count: number}

export type LineEvent =
  | PageEvent
  /** Sockets are numbered by `open`; what comes of an older one is ignored. */
  | {readonly kind: 'opened'; readonly socket: number}
  | {readonly kind: 'closed'; readonly socket: number; readonly code: number}
  | {readonly kind: 'text'; readonly socket: number; readonly text: string}
  | {readonly kind: 'binary'; readonly socket: number; readonly data: ArrayBuffer}
  /** The capture processor said something. `unsent` is the socket's bufferedAmount, 0 without one. */
  | {readonly kind: 'capture'; readonly message: CaptureToWorker; readonly unsent: number}
  | {readonly kind: 'playback'; readonly message: PlaybackToWorker}
  /**
   * The processors of an audio context were connected: at the start of voice, after text, after a context that had to be
   * built anew. They know nothing (clock, mute, half duplex, what was cut), and what older ones had queued is gone.
   */
  | {readonly kind: 'connected'}
  /** Answers to `fetch_ticket`. `final`: the server gives no more tickets for this call (HTTP 401, 404). */
  | {readonly kind: 'ticket'; readonly ticket: string; readonly expiresInS: number | null}
  | {readonly kind: 'no_ticket'; readonly final: boolean}
  /** The moment that `wakeAt` named has come. */
  | {readonly kind: 'woke'}

export type LineEffect =
  /** Offer both subprotocols; answer with `opened`, `text`, `binary`, and `closed` once. */
  | {readonly kind: 'open'; readonly socket: number; readonly url: string; readonly protocols: readonly string[]}
  /** Close it without waiting; what still comes of it may be told or not. */
  | {readonly kind: 'close'; readonly socket: number}
  | {readonly kind: 'send'; readonly socket: number; readonly data: string | ArrayBuffer}
  | {readonly kind: 'to_playback'; readonly message: WorkerToPlayback}
  | {readonly kind: 'to_capture'; readonly message: WorkerToCapture}
  /** POST /api/v1/tickets {ticket}; answer with `ticket` or `no_ticket`, the latter also when nothing came in time. */
  | {readonly kind: 'fetch_ticket'; readonly ticket: string}
  | {readonly kind: 'tell'; readonly news: LineNews}

/**
 * idle: not begun. connecting: a socket is being opened. greeting: `hello` is out. live: welcomed. waiting: lost, the
 * next attempt is due at a moment (or when a frozen page thaws). offline: likewise, and the browser says that there is no
 * network; attempts are rarer until it says `online`.
 * replaced, ended, lost: final.
 */
export type Phase = 'idle' | 'connecting' | 'greeting' | 'live' | 'waiting' | 'offline' | 'replaced' | 'ended' | 'lost'

/** The call goes on at another server; how long that has taken decides whether it is worth a word. */
export type Move = 'quietly' | 'slowly'

/** Why a line was given up (phase `lost`); `words.ts` has the words. */
export type Loss =
  /** The server could not be reached for as long as a call waits. */
  | 'unreachable'
  /** 4401 or no fresh ticket before the call began: the booking is over. */
  | 'ticket_expired'
  /** 4401 on coming back: the server does not have this call any more. */
  | 'call_gone'
  /** 4400, 1009 or another version: page and server do not understand each other. */
  | 'protocol'
  /** 4408: nothing reached the server in time. */
  | 'no_hello'
  /** 4413 before the call began: no room. */
  | 'busy'
  /** 4423: the call goes on in another window, and the server lets no second one have it. */
  | 'elsewhere'
  /** 4429: the caller's machine or network does not take the audio. */
  | 'slow_peer'
  /** 4500: the server's fault. */
  | 'failed'

/** What of the gateway's messages is for the page; its secrets stay behind. */
export type Said = Exclude<GatewayMessage, {readonly kind: 'hold' | 'resume' | 'cut' | 'reply_done' | 'gate' | 'pulse'}>

/** What the worker tells the page. */
export type LineNews =
  | {
      readonly kind: 'line'
      readonly phase: Phase
      /** Attempts since the line was last live, the running one included. */
      readonly attempt: number
      /** Seconds until the next attempt; 0 when none is planned. */
      readonly retryInS: number
      /** Whether the call has begun: lost lines come back then, instead of starting. */
      readonly begun: boolean
      readonly loss: Loss | null
      readonly moved: Move | null
    }
  /** Something that the gateway says to people. */
  | {readonly kind: 'gateway'; readonly message: Said}
  /** To be kept for a reload; null when there is nothing to come back to any more. */
  | {readonly kind: 'keep'; readonly keepsake: Keepsake | null}
  /** Leave to erase the call, for as long as the page stands; "" where there is none. A secret. */
  | {readonly kind: 'erasable'; readonly token: string}
  /** `samples` (24 kHz) of the reply were heard. */
  | {readonly kind: 'heard'; readonly reply: number; readonly samples: number}
  /** Which reply sounds now, 0 for none. */
  | {readonly kind: 'audible'; readonly reply: number}
  | {readonly kind: 'echo'; readonly state: Echo['state']}
  | {readonly kind: 'silent'; readonly on: boolean}
  /** The microphone's queue overflowed while the line was down; so much of it was lost. */
  | {readonly kind: 'mic_dropped'; readonly ms: number}

// --------------------------------------------------------------------------------------------------------- the view

/** What the session finds out about the microphone. `by` says whose doing it was, for the words. */
export type MicrophoneFound =
  /** Not asked for, or given back. */
  | {readonly state: 'off' | 'asking' | 'live' | 'missing'}
  | {readonly state: 'denied'; readonly by: 'user' | 'system' | 'dismissed'}
  /** Nobody was asked: the frame, its sandbox, plain http or an old browser forbid it. */
  | {readonly state: 'blocked'; readonly by: 'policy' | 'sandbox' | 'insecure' | 'browser'}
  /** Another program holds it, or another call of this page. */
  | {readonly state: 'busy'; readonly by: 'system' | 'page'}
  /** There is a microphone, but none that does what every microphone does. */
  | {readonly state: 'constrained'}
  /** It was live and has ended: unplugged, or taken away. */
  | {readonly state: 'lost'}

/** suspended: the browser wants a tap before anything sounds. */
export type SoundState = 'ok' | 'suspended' | 'failed'

/** Troubles of the page itself, before or beside the line. */
export type PageTrouble =
  /** Booking the call was refused. */
  | 'not_found'
  | 'refused'
  | 'busy'
  | 'unreachable'
  /** The SDK's files could not be loaded (a strict policy, a missing file). */
  | 'load_failed'
  /** The worker or the audio thread broke. */
  | 'crashed'

export type ViewEvent =
  | LineNews
  /** The caller pressed the button: devices are asked for, the call is booked. */
  | {readonly kind: 'began'; readonly mode: TalkMode}
  | ({readonly kind: 'microphone'} & MicrophoneFound)
  | {readonly kind: 'sound'; readonly state: SoundState}
  | {readonly kind: 'mute'; readonly on: boolean}
  | {readonly kind: 'half_duplex'; readonly on: boolean}
  | {readonly kind: 'mode'; readonly mode: TalkMode}
  | {readonly kind: 'push_to_talk'; readonly on: boolean}
  | {readonly kind: 'talk'; readonly on: boolean}
  | {readonly kind: 'takes_time'; readonly on: boolean}
  | {readonly kind: 'consent'; readonly decision: Consent['decision']}
  /** The server has erased the call. */
  | {readonly kind: 'erased'}
  | {readonly kind: 'trouble'; readonly trouble: PageTrouble}
  /** The caller closed a notice or a problem that can be closed. */
  | {readonly kind: 'dismiss'; readonly code: string}
  | {readonly kind: 'leave'}
