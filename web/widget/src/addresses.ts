// Where a server has what belongs to an agent.

/** The agent's card, for who may see it; `pass` is the leave of a page of ours. */
export function cardAddress(server: string, agent: string, pass: string | null): string {
  return `${server}/api/v1/card?${new URLSearchParams({agent, ...(pass && {pass})})}`
}

/** The agent's own page. */
export function pageAddress(server: string, agent: string | null): string {
  return `${server}/t/${encodeURIComponent(agent ?? '')}`
}
