// The agent's card: what came of asking for it.

import {cardAddress} from './addresses.ts'
import type {Card} from './card.ts'
import type {CardTrouble} from './ui.ts'

const NEEDED = ['agent', 'title', 'speakers', 'languages', 'record', 'keep', 'minutes', 'page'] satisfies (keyof Card)[]

/** @param asked an answer that is on its way already; null asks now. */
export async function askedCard(
  asked: Promise<Response> | null,
  server: string,
  agent: string,
  pass: string,
): Promise<Card | Exclude<CardTrouble, ''>> {
  try {
    const answer = await (asked ?? fetch(cardAddress(server, agent, pass)))
    if (answer.ok) return readCard(await answer.text()) ?? 'unreachable'
    if (answer.status === 404) return 'not_found'
    return answer.status === 401 || answer.status === 403 ? 'refused' : 'unreachable'
  } catch {
    return 'unreachable'
  }
}

/** A card of our own server; null of what is none. */
export function readCard(text: string): Card | null {
  try {
    const found: unknown = JSON.parse(text)
    const isCard = typeof found === 'object' && found !== null && NEEDED.every((name) => name in found)
    return isCard ? (found as Card) : null
  } catch {
    return null
  }
}
