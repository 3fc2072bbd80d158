// An agent's page as its visitor finds their way on it.

import type {Locator, Page} from 'playwright-core'

export const PAGE = '/t/two-questions'

export function button(page: Page, name: string): Locator {
  return page.getByRole('button', {name, exact: true})
}

export function caption(page: Page, who: 'agent' | 'caller', text?: string): Locator {
  const line = `.captions li.${who === 'caller' ? 'mine' : 'theirs'}`
  return page.locator(line, text === undefined ? {} : {hasText: text}).first()
}

export function fact(page: Page, name: string, text: string): Locator {
  return page.locator('.beside .fact', {hasText: name}).locator('.value', {hasText: text})
}

export function screen(page: Page, name: string): Locator {
  return page.locator(`.panel[data-screen=${name}]`)
}

export async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', {name: 'Type your answer'}).fill(text)
  await page.keyboard.press('Enter')
}

/** The name of what has the focus. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement?.shadowRoot?.activeElement
    return element?.ariaLabel ?? element?.textContent?.trim().replace(/\s+/g, ' ') ?? ''
  })
}
