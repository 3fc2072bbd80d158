// An agent's page as its visitor finds their way on it.

import type {Frame, Locator, Page} from 'playwright-core'

export const PAGE = '/t/two-questions'

/** A page, or a frame of one. */
type Place = Page | Frame

export function button(page: Place, name: string): Locator {
  return page.getByRole('button', {name, exact: true})
}

export function caption(page: Place, who: 'agent' | 'caller', text?: string): Locator {
  const line = `.captions li.${who === 'caller' ? 'mine' : 'theirs'}`
  return page.locator(line, text === undefined ? {} : {hasText: text}).first()
}

export function fact(page: Page, name: string, text: string): Locator {
  return page.locator('.beside .fact', {hasText: name}).locator('.value', {hasText: text})
}

export function screen(page: Place, name: string): Locator {
  return page.locator(`.panel[data-screen=${name}]`)
}

export async function write(page: Place, text: string): Promise<void> {
  const box = page.getByRole('textbox', {name: 'Type your answer'})
  await box.fill(text)
  await box.press('Enter')
}

/** A whole talk by typing, from the first screen to the last. */
export async function typedTalk(page: Place): Promise<void> {
  await button(page, 'Type instead').click()
  await caption(page, 'agent').waitFor()
  await write(page, 'about seven')
  await caption(page, 'caller', 'about seven').waitFor()
  await button(page, 'End the talk').click()
  await screen(page, 'ended').waitFor()
}

/** The name of what has the focus. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement?.shadowRoot?.activeElement
    const words = element?.textContent || element?.closest('label')?.textContent
    return element?.ariaLabel ?? words?.trim().replace(/\s+/g, ' ') ?? ''
  })
}
