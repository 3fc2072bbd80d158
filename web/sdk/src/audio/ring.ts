// What is still to be heard: numbered replies, each a row of chunks at 24 kHz. It takes anything in any order, passes over
// what cannot be, and hands out the samples once, in the order of the replies' numbers.

export const REPLY_HZ = 24_000
/** A gateway sends about two seconds ahead. What comes beyond a minute is passed over, so that memory is bounded. */
export const MAX_QUEUED_SAMPLES = 60 * REPLY_HZ
/** What a chunk weighs besides its samples: an array and its buffer, some 200 bytes. Chunks have 480 samples or more. */
export const CHUNK_SAMPLES = 100
/** A gateway keeps as many replies at most. */
export const MAX_REPLIES = 32
/** A hole is played as silence, for what follows keeps its time; a longer one is no audio of a sane peer. */
export const MAX_GAP_SAMPLES = 10 * REPLY_HZ

interface Reply {
  readonly number: number
  readonly chunks: Int16Array[]
  /** Samples of the first chunk that have been read. */
  offset: number
  /** Positions of the next sample to read and of the next one to come, which the first chunk that comes says. */
  read: number
  received: number
  total: number
}

export class Ring {
  /** Every reply up to this number is over. */
  ended = 0
  /** In the order of their numbers; the front one is being heard. */
  #replies: Reply[] = []

  /** Number of the reply that is being heard or comes next, 0 for none. */
  get current(): number {
    return this.#replies[0]?.number ?? 0
  }

  /** Position of the current reply's next sample. */
  get position(): number {
    return this.#replies[0]?.read ?? 0
  }

  /** Samples of the current reply that can be read. */
  get available(): number {
    const reply = this.#replies[0]
    return reply ? Math.max(0, Math.min(reply.received, reply.total) - reply.read) : 0
  }

  /** All samples of the current reply are here. */
  get complete(): boolean {
    const reply = this.#replies[0]
    return !!reply && reply.received >= reply.total
  }

  /** Whether a later reply waits with sound. */
  get more(): boolean {
    return !!this.#replies[1]?.chunks.length
  }

  /**
   * @param pcm Int16 LE mono; kept, not copied.
   * @returns samples that were missing before it and will be silence. What is late, was there already or is too much is
   * passed over without a word: each is a peer's or a link's affair that nobody could act on here.
   */
  push(number: number, position: number, pcm: ArrayBuffer): number {
    const reply = this.#find(number)
    if (!reply) return 0
    const from = reply.received || position // what goes on after a reload begins where it was heard to
    const gap = Math.max(0, position - from)
    const end = position + pcm.byteLength / 2
    const weight = this.#replies.reduce(
      (sum, {received, read, chunks}) => sum + received - read + chunks.length * CHUNK_SAMPLES,
      end - from,
    )
    if (end <= from || gap > MAX_GAP_SAMPLES || weight > MAX_QUEUED_SAMPLES) return 0
    if (reply.received === 0) reply.read = position
    if (gap > 0) reply.chunks.push(new Int16Array(gap))
    reply.chunks.push(new Int16Array(pcm, 2 * (from + gap - position)))
    reply.received = end
    return gap
  }

  /** The reply has so many samples in all. What came beyond them is not heard. */
  done(number: number, samples: number): void {
    const reply = this.#find(number)
    if (reply) reply.total = Math.min(reply.total, samples)
  }

  /** Move up to `count` samples of the current reply to `output`, as -1..1; answers how many. */
  read(output: Float32Array, from: number, count: number): number {
    const reply = this.#replies[0]
    const piece = Math.min(count, this.available)
    if (!reply) return 0
    for (let i = from; i < from + piece; i++) {
      const chunk = reply.chunks[0]
      output[i] = (chunk?.[reply.offset++] ?? 0) / 32_768
      if (reply.offset !== chunk?.length) continue
      reply.chunks.shift()
      reply.offset = 0
    }
    reply.read += piece
    return piece
  }

  /** This reply and all before it are over; what still comes of them is late. */
  cut(number: number): void {
    this.ended = Math.max(this.ended, number)
    this.#replies = this.#replies.filter((reply) => reply.number > number)
  }

  /** Undefined for one that is over, or one too many. */
  #find(number: number): Reply | undefined {
    const known = this.#replies.find((reply) => reply.number === number)
    if (known || number <= this.ended || this.#replies.length === MAX_REPLIES) return known
    const reply = {number, chunks: [], offset: 0, read: 0, received: 0, total: Number.POSITIVE_INFINITY}
    this.#replies.push(reply)
    this.#replies.sort((a, b) => a.number - b.number)
    return reply
  }
}
