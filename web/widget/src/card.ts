// What is known of an agent before a call: `GET /api/v1/card?agent=NAME`. Pages of ours carry it along.

export interface Card {
  readonly agent: string
  readonly title: string
  readonly speakers: readonly {readonly id: string; readonly name: string; readonly role: string}[]
  /** Languages that the agent speaks; `auto` follows the caller. */
  readonly languages: readonly string[]
  /** Whether sound is kept: the caller is asked, it is told, it is never done. */
  readonly record: 'ask' | 'always' | 'never'
  /** Days that sound, words and facts are kept; null: until somebody erases them. */
  readonly keep: {
    readonly audio_days: number | null
    readonly transcript_days: number | null
    readonly facts_days: number | null
  }
  /** Who outside hears the call: a company such as Google, a host, or both; empty for nobody. */
  readonly processor: string
  readonly minutes: number
  readonly idle_reset_s: number | null
  /** Address of the agent's own page. */
  readonly page: string
}
