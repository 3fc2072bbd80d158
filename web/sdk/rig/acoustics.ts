// A room made of PulseAudio: what the browser plays comes back into its microphone, and somebody may speak nearby. The
// browser is a real one with its own echo canceller, which fake devices bypass.

import {execFile, spawn} from 'node:child_process'
import {chmod, mkdir, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'

const run = promisify(execFile)

/** Loudspeaker to microphone: a laptop's 30 cm, with the buffers of both. */
const PATH_MS = 50
/** PulseAudio's volumes are cubic: 50 % is 18 dB down. */
const PATH_VOLUME = '50%'

/** Else streams follow when the default source becomes the microphone. */
const STAYS = 'source_dont_move=true sink_dont_move=true'

/** The browser hides monitors of sinks from pages; a source that is remapped from one is a microphone. */
const MODULES = [
  'module-native-protocol-unix',
  'module-null-sink sink_name=loudspeaker rate=48000 channels=2',
  'module-null-sink sink_name=air rate=48000 channels=1',
  // a sink of its own: whoever played straight into the air would change its latency, and with it the echo's path
  'module-null-sink sink_name=mouth rate=48000 channels=1',
  `module-loopback source=loudspeaker.monitor sink=air latency_msec=${PATH_MS} ${STAYS}`,
  `module-loopback source=mouth.monitor sink=air latency_msec=20 ${STAYS}`,
  'module-remap-source master=air.monitor source_name=microphone',
]

export class Room {
  private constructor(
    private readonly folder: string,
    readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(): Promise<Room> {
    const folder = await mkdtemp(join(tmpdir(), 'viva-room-'))
    const runtime = join(folder, 'run')
    await mkdir(runtime)
    await chmod(runtime, 0o700)
    const env = {...process.env, XDG_RUNTIME_DIR: runtime, HOME: folder, PULSE_RUNTIME_PATH: runtime}
    const room = new Room(folder, env)
    const modules = MODULES.flatMap((module) => ['-L', module])
    await run('pulseaudio', ['-n', '--daemonize=yes', '--exit-idle-time=-1', '--log-target=null', ...modules], {env})
    while (!(await room.#ask('list', 'short', 'sources').catch(() => '')).includes('microphone')) await sleep(50)
    const inputs = await room.#ask('list', 'short', 'sink-inputs')
    const echo = inputs.split('\n')[0]?.split('\t')[0]
    if (echo === undefined) throw new Error('want a loopback from the loudspeaker, got none')
    await room.#ask('set-sink-input-volume', echo, PATH_VOLUME)
    await room.#ask('set-default-sink', 'loudspeaker')
    await room.#ask('set-default-source', 'microphone')
    return room
  }

  /** Somebody says what is in a WAV file; ends when it is said. */
  async hear(wav: string): Promise<void> {
    const player = spawn('paplay', ['-d', 'mouth', wav], {env: this.env, stdio: 'ignore'})
    await new Promise((done) => player.once('exit', done))
  }

  async close(): Promise<void> {
    await run('pulseaudio', ['-k'], {env: this.env}).catch(() => {})
    await rm(this.folder, {recursive: true, force: true, maxRetries: 3})
  }

  async #ask(...words: string[]): Promise<string> {
    return (await run('pactl', words, {env: this.env})).stdout
  }
}
