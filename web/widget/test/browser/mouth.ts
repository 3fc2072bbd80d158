// Somebody who speaks into a page's microphone when they like: words of flite, played into the stream that the page gets.

import {execFile} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import type {BrowserContext, Page} from 'playwright-core'

interface Mouth {
  /** Plays a WAV file, in base64, to its end. */
  play(file: string): Promise<void>
}

/** Gives every page of a visitor a microphone that hears nothing but what is said by `speak`. */
export async function mouthed(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const {mediaDevices} = navigator
    if (mediaDevices === undefined) return // the empty page before the first
    let air: MediaStreamAudioDestinationNode | null = null
    mediaDevices.getUserMedia = async () => {
      air = new AudioContext().createMediaStreamDestination()
      return air.stream
    }
    const mouth: Mouth = {
      async play(file) {
        if (air === null) throw new Error('want an open microphone')
        const bytes = Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0))
        const source = air.context.createBufferSource()
        source.buffer = await air.context.decodeAudioData(bytes.buffer)
        source.connect(air)
        source.start()
        await new Promise((said) => source.addEventListener('ended', said))
      },
    }
    Object.assign(globalThis, {mouth})
  })
}

/** Says it, and ends when it is said. */
export async function speak(page: Page, text: string, folder: string): Promise<void> {
  const path = join(folder, 'words.wav')
  await promisify(execFile)('flite', ['-voice', 'rms', '-t', text, '-o', path])
  const file = (await readFile(path)).toString('base64')
  await page.evaluate((it) => (globalThis as unknown as {mouth: Mouth}).mouth.play(it), file)
}
