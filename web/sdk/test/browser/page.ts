// The bare page as its visitor finds their way on it.

import type {Locator, Page} from 'playwright-core'

export const PAGE = '/talk/two-questions'

export function button(page: Page, name: string): Locator {
  return page.getByRole('button', {name, exact: true})
}

export function caption(page: Page, who: 'agent' | 'caller', text?: string): Locator {
  const line = `#captions li${who === 'caller' ? '.caller' : ':not(.caller)'}`
  return page.locator(line, text === undefined ? {} : {hasText: text}).first()
}

export function fact(page: Page, field: string, text: string): Locator {
  return page.locator(`#facts dd[data-field=${field}]`, {hasText: text})
}

export async function write(page: Page, text: string): Promise<void> {
  await page.getByPlaceholder('Write a message').fill(text)
  await page.keyboard.press('Enter')
}
