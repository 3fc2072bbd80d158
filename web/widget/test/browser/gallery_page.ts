// The gallery in a browser, the same on every machine: its fonts, its language, its letters' edges.

import type {Browser, Page} from 'playwright-core'
import {launch, Site, Visitor} from '../../../sdk/test/browser/harness.ts'
import {PAGE, script, served} from '../gallery/gallery.html.ts'
import type {Look} from '../looks/views.ts'

const FONTS = '<style>body{margin:0}viva-voce{--viva-font:"DejaVu Sans";--viva-serif:"DejaVu Serif"}</style>'
/** How wide an `m` of these is, of its size: what is there instead of them is not. */
const WIDTHS: readonly (readonly [font: string, width: number])[] = [
  ['DejaVu Sans', 0.974],
  ['DejaVu Serif', 0.948],
]
/** Letters whose fonts are not ours to choose. */
const ANY_FONT = 'code, :lang(hi):not(.inside), :lang(ja):not(.inside), :lang(ko):not(.inside), :lang(zh):not(.inside)'

/** @param others arguments of its own. */
export function launchSame(...others: readonly string[]): Promise<Browser> {
  return launch(undefined, ['--font-render-hinting=none', '--disable-lcd-text', ...others])
}

export class Gallery {
  private constructor(
    private readonly site: Site,
    readonly visitor: Visitor,
    readonly page: Page,
  ) {}

  /** @throws Error when the fonts are not there. */
  static async open(browser: Browser): Promise<Gallery> {
    const arabic = (await served('/viva-lang-ar.js'))?.body ?? ''
    const site = await Site.open({
      '/': PAGE.replace('</head>', `${FONTS}</head>`),
      '/gallery.js': await script(),
      '/viva-lang-ar.js': arabic,
    })
    const visitor = await Visitor.of(browser, {reducedMotion: 'reduce', locale: 'en-US', timezoneId: 'UTC'})
    const page = await visitor.open(site.url)
    for (const [font, wanted] of WIDTHS) {
      const width = await page.evaluate((name) => {
        const pen = document.createElement('canvas').getContext('2d')
        if (pen === null) return 0
        pen.font = `1000px "${name}", monospace`
        return pen.measureText('m').width / 1000
      }, font)
      if (Math.abs(width - wanted) > 0.01) throw new Error(`want ${font} (Debian: fonts-dejavu-core), it is not here`)
    }
    return new Gallery(site, visitor, page)
  }

  async show({address, viewport}: Look): Promise<void> {
    if (this.page.viewportSize()?.width !== viewport.width) await this.page.setViewportSize(viewport)
    await this.page.evaluate((to) => {
      history.replaceState(null, '', to)
      dispatchEvent(new PopStateEvent('popstate'))
    }, address)
    await this.page.locator(`body[data-drawn="${address}"]`).waitFor({state: 'attached'})
  }

  /** What is on the screen, or only the panel when that floats. */
  async picture(): Promise<Buffer> {
    const panel = this.page.locator('.panel.float')
    const floats = (this.page.viewportSize()?.width ?? 0) > 480 && (await panel.count()) > 0
    const clip = floats ? await panel.boundingBox() : null
    return this.page.screenshot({
      ...(clip && {clip}),
      animations: 'disabled',
      caret: 'hide',
      mask: [this.page.locator(ANY_FONT)],
      maskColor: '#808080',
    })
  }

  async close(): Promise<void> {
    await this.visitor.close()
    await this.site.close()
  }
}
