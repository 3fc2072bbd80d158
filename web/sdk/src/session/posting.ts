// Asks a server for something, once, and waits no longer than a person would.

import {type Clock, within} from './clock.ts'

/** As long as people look at a spinner before they press again. Not tuned. */
const ANSWER_WITHIN_MS = 10_000

/** POST as JSON. Never rejects: null when nothing came in time, or what came could not be read. */
export async function post<T>(
  url: string,
  body: object,
  read: (answer: Response) => T | Promise<T>,
  clock: Clock,
  ask: typeof fetch,
): Promise<T | null> {
  const abort = new AbortController()
  try {
    const asked = async () => {
      const headers = {'content-type': 'application/json'}
      return read(await ask(url, {method: 'POST', headers, body: JSON.stringify(body), signal: abort.signal}))
    }
    return await within(asked(), ANSWER_WITHIN_MS, clock)
  } catch {
    abort.abort()
    return null
  }
}
