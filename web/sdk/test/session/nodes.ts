// Audio nodes that remember what is connected to what.

export class FakeNode {
  readonly to: unknown[] = []

  constructor(readonly name: string) {}

  connect(node: unknown): unknown {
    this.to.push(node)
    return node
  }

  disconnect(node?: unknown): void {
    if (node === undefined) this.to.length = 0
    else this.to.splice(this.to.indexOf(node), 1)
  }
}

export class FakeSilence extends FakeNode {
  buffer: {readonly seconds: number; readonly rate: number} | null = null
  started = false

  start(): void {
    this.started = true
  }
}

export class FakeElement extends EventTarget {
  srcObject: unknown = null
  plays = 0
  allowed = true
  paused = true

  async play(): Promise<void> {
    this.plays++
    if (!this.allowed) throw new DOMException('no gesture', 'NotAllowedError')
    this.paused = false
  }

  pause(): void {
    this.paused = true
  }
}

export class FakeAudioContext {
  readonly destination = new FakeNode('destination')
  readonly made: FakeNode[] = []
  readonly tracks: {stopped: boolean; stop(): void}[] = []

  constructor(readonly sampleRate = 48_000) {}

  createGain(): FakeNode {
    return this.#make(new FakeNode('gain'))
  }

  createBufferSource(): FakeSilence {
    return this.#make(new FakeSilence('silence'))
  }

  createBuffer(_: number, length: number, rate: number): {readonly seconds: number; readonly rate: number} {
    return {seconds: length / rate, rate}
  }

  createMediaStreamDestination(): FakeNode & {stream: {getTracks(): readonly {stop(): void}[]}} {
    const track = {
      stopped: false,
      stop() {
        this.stopped = true
      },
    }
    this.tracks.push(track)
    return this.#make(Object.assign(new FakeNode('stream'), {stream: {getTracks: () => [track]}}))
  }

  #make<Node extends FakeNode>(node: Node): Node {
    this.made.push(node)
    return node
  }
}
