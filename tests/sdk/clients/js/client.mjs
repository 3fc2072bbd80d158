// Talks to a server of the Gemini Live API through the official JavaScript SDK: the twin of genai_client.py.
// Reads one scenario per line on stdin and prints one line of JSON for each. Its argument is the package to load.

import {readFileSync} from 'node:fs'
import {createInterface} from 'node:readline'

const [, , SDK = '@google/genai'] = process.argv
const {GoogleGenAI} = await import(SDK)

const WITHIN_MS = 20_000
const CHUNK_MS = 100

/** What one connection saw. `events` has each kind once per run, so that chunk sizes do not show. */
class Record {
  events = []
  count = {}
  said = ''
  heard = ''
  written = ''
  thought = ''
  audio_bytes = 0
  mime_types = []
  calls = []
  cancelled = []
  handles = []
  usage = []
  time_left = ''
  models = []
  statuses = []

  saw(kind) {
    this.count[kind] = (this.count[kind] ?? 0) + 1
    if (this.events.at(-1) !== kind) this.events.push(kind)
  }

  take(message) {
    if (message.serverContent) this.content(message.serverContent)
    if (message.usageMetadata) this.usage.push(message.usageMetadata)
    if (message.toolCall) {
      this.saw('call')
      for (const {id, name, args} of message.toolCall.functionCalls ?? []) this.calls.push({id, name, args: args ?? {}})
    }
    if (message.toolCallCancellation) {
      this.saw('cancelled')
      this.cancelled.push(...(message.toolCallCancellation.ids ?? []))
    }
    if (message.goAway) {
      this.saw('go_away')
      this.time_left = message.goAway.timeLeft ?? ''
    }
    if (message.sessionResumptionUpdate) {
      const handle = message.sessionResumptionUpdate.newHandle
      this.saw(handle ? 'handle' : 'no_handle')
      if (handle) this.handles.push(handle)
    }
    if (message.voiceActivity) this.saw('activity')
  }

  content(content) {
    if (content.inputTranscription?.text) {
      this.saw('heard')
      this.heard += content.inputTranscription.text
    }
    for (const part of content.modelTurn?.parts ?? []) {
      if (part.inlineData) {
        this.saw('audio')
        this.audio_bytes += Buffer.from(part.inlineData.data, 'base64').length
        if (!this.mime_types.includes(part.inlineData.mimeType)) this.mime_types.push(part.inlineData.mimeType)
      } else if (part.text && part.thought) {
        this.saw('thought')
        this.thought += part.text
      } else if (part.text) {
        this.saw('written')
        this.written += part.text
      }
    }
    if (content.outputTranscription?.text) {
      this.saw('said')
      this.said += content.outputTranscription.text
    }
    if (content.generationComplete) this.saw('generated')
    if (content.interrupted) this.saw('interrupted')
    if (content.turnComplete) {
      this.saw('turn')
      this.statuses.push(content.interactionStatus ?? '')
    }
  }
}

class Closed extends Error {
  constructor({code, reason}) {
    super(reason)
    this.code = code
  }
}

/** One connection: messages are recorded as they come, in order; `next` resolves with each in turn. */
class Connection {
  record = new Record()
  #waiting = []
  #wake = () => {}
  #closed = null

  callbacks = {
    onmessage: (message) => {
      this.#waiting.push(message)
      this.#wake()
    },
    onclose: (event) => {
      this.#closed ??= new Closed(event)
      this.#wake()
    },
    onerror: () => {}, // a close follows
  }

  /** The SDK's own promise stays pending when the server closes before `setupComplete`. */
  async open(connecting) {
    while (true) {
      if (this.#closed) throw this.#closed
      if (this.#waiting.some((message) => message.setupComplete)) break
      await new Promise((resolve) => (this.#wake = resolve))
    }
    this.session = await connecting
  }

  async until(kind, times) {
    const wanted = (this.record.count[kind] ?? 0) + times
    while ((this.record.count[kind] ?? 0) < wanted) {
      if (this.#waiting.length > 0) this.record.take(this.#waiting.shift())
      else if (this.#closed) throw this.#closed
      else await new Promise((resolve) => (this.#wake = resolve))
    }
  }
}

class Scenario {
  records = []
  step = []
  #open = []
  #answered = 0

  constructor(given) {
    this.given = given
    this.key = given.key ?? 'any'
  }

  async run() {
    try {
      for (const step of this.given.steps) {
        this.step = step
        await this[step[0]](...step.slice(1))
      }
    } finally {
      for (const {session} of this.#open) session?.close()
    }
  }

  get #connection() {
    return this.#open.at(-1)
  }

  #client(apiVersion) {
    if (this.given.base_url === null) return new GoogleGenAI({})
    const httpOptions = {baseUrl: this.given.base_url, ...(apiVersion && {apiVersion})}
    return new GoogleGenAI({apiKey: this.key, httpOptions, ...(this.given.vertex && {vertexai: true})})
  }

  async connect({model, config = {}, version, resume}) {
    const handle = resume && this.records.at(-1).handles.at(-1)
    const connection = new Connection()
    const whole = {...config, ...(handle && {sessionResumption: {handle}})}
    const connecting = this.#client(version).live.connect({model, config: whole, callbacks: connection.callbacks})
    connecting.catch(() => {})
    await connection.open(connecting)
    this.#open.push(connection)
    this.records.push(connection.record)
    this.#answered = 0
  }

  async token(config, version = 'v1alpha') {
    this.key = (await this.#client(version).authTokens.create({config})).name
  }

  async models() {
    const record = new Record()
    this.records.push(record)
    for await (const model of await this.#client().models.list()) record.models.push(model.name)
  }

  text(text) {
    this.#connection.session.sendRealtimeInput({text})
  }

  content(text, complete = true, role = 'user') {
    this.#connection.session.sendClientContent({turns: [{role, parts: [{text}]}], turnComplete: complete})
  }

  speak(speechMs, silenceMs = 0) {
    const sound = Buffer.concat([Buffer.from('e803'.repeat(16 * speechMs), 'hex'), Buffer.alloc(32 * silenceMs)])
    for (let at = 0; at < sound.length; at += 32 * CHUNK_MS) {
      const data = sound.subarray(at, at + 32 * CHUNK_MS).toString('base64')
      this.#connection.session.sendRealtimeInput({audio: {data, mimeType: 'audio/pcm;rate=16000'}})
    }
  }

  mark(name) {
    const camel = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
    this.#connection.session.sendRealtimeInput({[camel]: name === 'audio_stream_end' ? true : {}})
  }

  frame() {
    this.#connection.session.sendRealtimeInput({video: {data: '/9j/2Q==', mimeType: 'image/jpeg'}})
  }

  answer(response, more = {}) {
    const {id, name} = this.#connection.record.calls[this.#answered]
    if (!more.willContinue) this.#answered += 1
    this.#connection.session.sendToolResponse({functionResponses: [{id, name, response, ...more}]})
  }

  instruct(text) {
    this.#connection.session.sendContextUpdate({systemInstruction: text})
  }

  async until(kind, times = 1) {
    await this.#connection.until(kind, times)
  }

  close() {
    this.#open.pop().session.close()
  }
}

async function hold(given) {
  const scenario = new Scenario(given)
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing for ${WITHIN_MS} ms`)), WITHIN_MS)
  })
  let error = null
  try {
    await Promise.race([scenario.run(), late])
  } catch (caught) {
    error = {step: scenario.step[0], type: caught.constructor.name, code: caught.code ?? null, text: caught.message}
  } finally {
    clearTimeout(timer)
  }
  return {records: scenario.records, error}
}

const installed = new URL(`node_modules/${SDK}/package.json`, import.meta.url)
const {version} = JSON.parse(readFileSync(installed, 'utf8'))
console.log(JSON.stringify({version, features: ['context_update', 'tokens', 'thinking', 'thinking_level', 'interaction_status']}))
for await (const line of createInterface({input: process.stdin})) console.log(JSON.stringify(await hold(JSON.parse(line))))
